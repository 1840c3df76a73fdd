# A stand-in for the Azure CLI. The lines before this one set what the sandbox knows.

# A record appears whole, under its final name, before anything is answered.
record=$(mktemp -d "$records/XXXXXX") || exit 9
printf '%s\n' "$@" >"$record/arguments"
env >"$record/environment"
echo $$ >"$record/process"
mv "$record" "$record.call"

fail() {
    status=$1
    shift
    printf '%s\n' "$@" >&2
    exit "$status"
}

case $behaviour in
Rubbish)
    echo 'Welcome to Azure!'
    exit
    ;;
Floods)
    head -c 400000000 /dev/zero | tr '\0' x >&2
    exit 1
    ;;
Hangs)
    # Until it is killed, or the sandbox's folder goes; in no case for ever.
    waited=0
    while [ -d "$records" ] && [ $waited -lt 1500 ]; do
        waited=$((waited + 1))
        sleep 0.2
    done
    exit 1
    ;;
esac

[ "$1 $2" = 'account get-access-token' ] ||
    fail 2 "ERROR: '$1' is misspelled or not recognized by the system."
shift 2
scope=https://management.core.windows.net//.default
output=json
asked_tenant=
asked_subscription=
while [ $# -gt 1 ]; do
    case $1 in
    -o | --output) output=$2 ;;
    --scope) scope=$2 ;;
    --resource) scope=$2/.default ;;
    -t | --tenant) asked_tenant=$2 ;;
    -s | -n | --name | --subscription) asked_subscription=$2 ;;
    *) fail 2 "ERROR: unrecognized arguments: $*" ;;
    esac
    shift 2
done
[ $# -eq 0 ] || fail 2 "ERROR: unrecognized arguments: $*"
[ "$output" = json ] || fail 2 "ERROR: the sandbox's az prints JSON alone"
[ -z "$asked_tenant" ] || [ -z "$asked_subscription" ] ||
    fail 1 'ERROR: Please specify only one of subscription and tenant, not both'

case $behaviour in
SignedOut) fail 1 "ERROR: Please run 'az login' to setup account." ;;
Expired)
    fail 1 "ERROR: AADSTS700082: The refresh token has expired due to inactivity. The token was issued on $issued and was inactive for 90.00:00:00. Trace ID: 00000000-0000-4000-8000-00000000000a Correlation ID: 00000000-0000-4000-8000-00000000000b Timestamp: $now" \
        'Interactive authentication is needed. Please run:' "az login --scope $scope"
    ;;
esac

asked_subscription=$(printf '%s' "$asked_subscription" | tr '[:upper:]' '[:lower:]')
case " $subscriptions " in
*" ${asked_subscription:-$subscription} "*) ;;
*) fail 1 "ERROR: Subscription '$asked_subscription' not found. Check the spelling and casing and try again." ;;
esac
[ "${asked_tenant:-$tenant}" = "$tenant" ] ||
    fail 1 "ERROR: AADSTS90002: Tenant '$asked_tenant' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
# The slash at the end of an audience makes no difference.
audience=${scope%/.default}
audience=${audience%/}
token=$(printf '%s\n' "$tokens" | while read -r known its_token; do
    [ "$known" != "$audience" ] || echo "$its_token"
done)
[ -n "$token" ] ||
    fail 1 "ERROR: AADSTS500011: The resource principal named $audience was not found in the tenant named $tenant."

echo '{'
echo "  \"accessToken\": \"$token\","
echo "  \"expiresOn\": \"$expires\","
[ $behaviour = Old ] || echo "  \"expires_on\": $expires_on,"
[ -n "$asked_tenant" ] || echo "  \"subscription\": \"${asked_subscription:-$subscription}\","
echo "  \"tenant\": \"$tenant\","
echo '  "tokenType": "Bearer"'
echo '}'
