# Fetches octopus-scale-in, checks it, and runs it with this step's parameters. For Windows PowerShell 5.1 and PowerShell 7.

# <release> Filled in when the template is packed for a release.
$ScaleInRelease = @{
    Version = ''
    BaseUrl = ''
    Seconds = 120
    Sha256  = @{}
}
# </release>

# What the step ends with when the program could not be fetched or started. The program's own codes are 0 to 6.
$ScaleInNotStarted = 10

# The parameters and system variables that the program is given, each under one environment variable.
$ScaleInVariables = @(
    'VMSS.ScaleSet.Name', 'VMSS.ResourceGroup.Name', 'VMSS.DeploymentTarget.Roles', 'VMSS.Azure.Account',
    'VMSS.Azure.Account.SubscriptionNumber', 'VMSS.Azure.Account.Client', 'VMSS.Azure.Account.TenantId',
    'VMSS.Azure.Account.Password', 'VMSS.Azure.Account.OpenIdConnect.Jwt', 'VMSS.Azure.Account.AzureEnvironment',
    'VMSS.Azure.Account.ResourceManagementEndpointBaseUri', 'VMSS.Azure.Account.ActiveDirectoryEndpointBaseUri',
    'VMSS.Azure.Credential', 'VMSS.Octopus.Url', 'VMSS.Octopus.ApiKey', 'VMSS.Timeout.Value', 'VMSS.Timeout.ErrorHandle',
    'VMSS.Duplicate.TimeInMinutes', 'VMSS.Duplicate.Handle', 'VMSS.OldServers.ExcludeFromOutput', 'VMSS.DryRun',
    'VMSS.Removal.Action', 'VMSS.Removal.Limit', 'VMSS.Removal.OwnedOnly', 'VMSS.BusyTargets.Handle',
    'VMSS.ReferencedTargets.Handle', 'VMSS.Healthy.Handle',
    'VMSS.Healthy.TimeoutInMinutes', 'VMSS.Problem.Handle',
    'VMSS.Registration.TimeoutInMinutes', 'VMSS.GuidedFailure.Handle', 'Octopus.Space.Id', 'Octopus.Environment.Id',
    'Octopus.Deployment.Tenant.Id', 'Octopus.Deployment.Tenant.Tags', 'Octopus.Deployment.Id',
    'Octopus.Deployment.Trigger.Id', 'Octopus.RunbookRun.Id', 'Octopus.Task.Id', 'Octopus.Step.Name', 'Octopus.Machine.Id',
    'Octopus.Web.ServerUri', 'Octopus.Web.BaseUrl'
)

# For diagnosis: passed where a project variable of that name exists, else the worker's own stay.
$ScaleInTuning = @(
    'VMSS_POLL_SECONDS', 'VMSS_CONFIRM_SECONDS', 'VMSS_REQUEST_SECONDS', 'VMSS_RETRY_SECONDS', 'VMSS_PHASE_SECONDS',
    'RUST_LOG'
)

function Get-ScaleInValue([string] $Name) {
    if ($OctopusParameters.ContainsKey($Name)) { return [string] $OctopusParameters[$Name] }
    return ''
}

# Text of servers and of the operating system is one line of ASCII, and starts no message to Octopus.
function Write-ScaleIn([string] $Text) {
    $escape = { '\u{' + ([int] [char] $args[0].Value).ToString('x') + '}' }
    $line = [regex]::Replace(($Text -replace '\s+', ' '), '[^ -~]', [System.Text.RegularExpressions.MatchEvaluator] $escape)
    Write-Host ($line -replace '#(?=#octopus)', '# ')
}

function Write-ScaleInError([string] $Text) {
    Write-Host '##octopus[stdout-error]'
    Write-ScaleIn $Text
    Write-Host '##octopus[stdout-default]'
}

function Test-ScaleInWindows { return [System.Environment]::OSVersion.Platform -eq 'Win32NT' }

# The file of the release for this machine. An x64 program runs on Windows for arm64 as well.
function Get-ScaleInTriple {
    if (Test-ScaleInWindows) { return 'x86_64-pc-windows-gnu' }
    return Get-ScaleInTripleOnUnix
}

function Get-ScaleInTripleOnUnix {
    $machine = [System.Runtime.InteropServices.RuntimeInformation]
    $architecture = [string] $machine::OSArchitecture
    if ($machine::IsOSPlatform([System.Runtime.InteropServices.OSPlatform]::Linux)) {
        if ($architecture -eq 'X64') { return 'x86_64-unknown-linux-musl' }
        if ($architecture -eq 'Arm64') { return 'aarch64-unknown-linux-musl' }
    }
    return "$($machine::OSDescription), $architecture"
}

# Where the step runs: relative paths begin here, and the program leaves its report here.
function Get-ScaleInHere { return $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath }

# The folders that may keep the program, the best one first.
function Get-ScaleInFolders {
    $folders = @((Get-ScaleInValue 'VMSS.Cache.Folder').Trim(), $env:TentacleHome)
    if (Test-ScaleInWindows) { $folders += $env:LOCALAPPDATA }
    elseif ($env:XDG_CACHE_HOME) { $folders += $env:XDG_CACHE_HOME }
    elseif ($env:HOME) { $folders += "$env:HOME/.cache" }
    $here = Get-ScaleInHere
    foreach ($folder in $folders) {
        if ($folder) { [System.IO.Path]::Combine($here, $folder, 'octopus-scale-in') }
    }
    $here
}

# What went wrong first, in the words of whoever knows.
function Get-ScaleInReason($Exception) { return $Exception.GetBaseException().Message }

function Get-ScaleInHash([System.IO.Stream] $Stream) {
    # The one that Windows allows where only validated cryptography is.
    $sha256 = New-Object System.Security.Cryptography.SHA256CryptoServiceProvider
    try { return ([System.BitConverter]::ToString($sha256.ComputeHash($Stream)) -replace '-', '').ToLowerInvariant() }
    finally { $sha256.Dispose() }
}

# --- Download

# An address without what may be a secret in it.
function Format-ScaleInAddress([System.Uri] $Address) {
    return "$($Address.Scheme)://$($Address.Authority)$($Address.AbsolutePath)"
}

function Get-ScaleInAddress([string] $Name) {
    $base = (Get-ScaleInValue 'VMSS.Download.BaseUrl').Trim()
    if (-not $base) { $base = $ScaleInRelease.BaseUrl }
    $address = $null
    if (-not [System.Uri]::TryCreate($base, [System.UriKind]::Absolute, [ref] $address) -or $address.Scheme -notmatch '^https?$') {
        throw 'VMSS.Download.BaseUrl is no address that begins with https:// or http://.'
    }
    $builder = New-Object System.UriBuilder $address
    # What follows a question mark, such as the signature of a storage container, stays behind the name.
    $builder.Path = "$($builder.Path.TrimEnd('/'))/$Name"
    return $builder.Uri
}

# NO_PROXY as the patterns that .NET takes: names and what is below them, addresses, whole octets of a network, and *.
function Get-ScaleInBypass {
    foreach ($entry in "$env:NO_PROXY,$env:no_proxy" -split '[,\s]+') {
        $name = $entry -replace '^\*?\.', ''
        if ($name -eq '*') { '.*' }
        elseif ($name -match '^(\d+\.){3}\d+/(8|16|24)$') {
            $octets = ($name -split '[./]')[0..([int] $Matches[2] / 8 - 1)] -join '\.'
            "^[a-z]+://$octets\.[0-9.]+(:\d+)?$"
        }
        elseif ($name) { "^[a-z]+://(.*\.)?$([regex]::Escape($name))(:\d+)?$" }
    }
}

# The proxy of the worker: that of its environment, as Octopus sets it and the program reads it, else PowerShell's own.
function Get-ScaleInProxy([System.Uri] $Address) {
    $variable = "$($Address.Scheme)_PROXY".ToUpperInvariant()
    $named = [System.Environment]::GetEnvironmentVariable($variable)
    if (-not $named) { $named = [System.Environment]::GetEnvironmentVariable("$($Address.Scheme)_proxy") }
    $proxy = [System.Net.WebRequest]::DefaultWebProxy
    if ($named) {
        if ($named -notmatch '^[a-z0-9]+://') { $named = "http://$named" }
        $uri = $null
        if (-not [System.Uri]::TryCreate($named, [System.UriKind]::Absolute, [ref] $uri)) { throw "The environment variable $variable of this worker is no address of a proxy." }
        $proxy = New-Object System.Net.WebProxy "$($uri.Scheme)://$($uri.Authority)"
        $proxy.BypassList = [string[]] @(Get-ScaleInBypass)
        if ($uri.UserInfo) {
            $login = @("$($uri.UserInfo):" -split ':' | ForEach-Object { [System.Uri]::UnescapeDataString($_) })
            $proxy.Credentials = New-Object System.Net.NetworkCredential $login[0], $login[1]
        }
    }
    if ($proxy -and -not $proxy.Credentials) { $proxy.Credentials = [System.Net.CredentialCache]::DefaultCredentials }
    return $proxy
}

function New-ScaleInClient([System.Uri] $Address, [System.TimeSpan] $Timeout) {
    $handler = New-Object System.Net.Http.HttpClientHandler
    $handler.AllowAutoRedirect = $false
    $proxy = Get-ScaleInProxy $Address
    if ($proxy) { $handler.Proxy = $proxy }
    $client = New-Object System.Net.Http.HttpClient $handler
    # For the whole answer, its last byte included.
    $client.Timeout = $Timeout
    $client.MaxResponseContentBufferSize = 128MB
    return $client
}

# One request: the bytes, or where it leads, or why there are none and whether another try may help.
function Read-ScaleInAddress([System.Uri] $Address, [System.TimeSpan] $Timeout) {
    $got = @{ Bytes = $null; Next = $null; Why = ''; Again = $false }
    $client = New-ScaleInClient $Address $Timeout
    try {
        $answer = $client.GetAsync($Address).GetAwaiter().GetResult()
        $status = [int] $answer.StatusCode
        if ($status -eq 200) { $got.Bytes = $answer.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult() }
        elseif ($status -in 301, 302, 303, 307, 308 -and $answer.Headers.Location) {
            $got.Next = New-Object System.Uri $Address, $answer.Headers.Location
            $got.Why = "it led on to $(Format-ScaleInAddress $got.Next)"
        }
        else {
            $got.Why = "the server answered $status"
            if ($status -eq 407) { $got.Why = 'the proxy asks for a login (407)' }
            $got.Again = $status -ge 500 -or $status -in 408, 429
        }
    }
    catch {
        $got.Why = Get-ScaleInReason $_.Exception
        $got.Again = $true
        # What the clock ended comes under many names.
        for ($cause = $_.Exception; $cause; $cause = $cause.InnerException) {
            if ($cause -is [System.OperationCanceledException]) {
                $got.Why = "it took longer than $($ScaleInRelease.Seconds) seconds"
                $got.Again = $false
            }
        }
    }
    finally { $client.Dispose() }
    return $got
}

# One try with its redirects, which never lead from https to anything else.
function Read-ScaleInRelease([System.Uri] $Address) {
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    foreach ($hop in 1..6) {
        $left = $ScaleInRelease.Seconds - $clock.Elapsed.TotalSeconds
        $got = Read-ScaleInAddress $Address ([System.TimeSpan]::FromSeconds([System.Math]::Max($left, 0.001)))
        if (-not $got.Next) { break }
        if ($got.Next.Scheme -ne 'https' -and $got.Next.Scheme -ne $Address.Scheme) { $got.Why += ', which is not https'; break }
        $Address = $got.Next
    }
    return $got
}

function Get-ScaleInDownload([System.Uri] $Address) {
    Add-Type -AssemblyName System.Net.Http
    # An old Windows would not think of TLS 1.2.
    [System.Net.ServicePointManager]::SecurityProtocol =
        [System.Net.ServicePointManager]::SecurityProtocol -bor [System.Net.SecurityProtocolType]::Tls12
    $shown = Format-ScaleInAddress $Address
    foreach ($pause in 1, 3, 0) {
        $got = Read-ScaleInRelease $Address
        if ($null -ne $got.Bytes) { return , $got.Bytes }
        if (-not $got.Again -or $pause -eq 0) { break }
        Write-ScaleIn "Downloading $shown failed: $($got.Why). Trying again."
        Start-Sleep -Seconds $pause
    }
    throw "Could not download $shown`: $($got.Why). If this worker may not reach that address, set VMSS.Download.BaseUrl to a mirror of the release, or VMSS.Binary.Path to the program's file."
}

function Get-ScaleInChecked([System.Uri] $Address, [string] $Hash) {
    $bytes = Get-ScaleInDownload $Address
    $found = Get-ScaleInHash (New-Object System.IO.MemoryStream (, $bytes))
    $shown = Format-ScaleInAddress $Address
    if ($found -eq $Hash) {
        Write-ScaleIn "Downloaded $shown; its SHA-256 is the one that this template knows."
        return , $bytes
    }
    $start = [System.Text.Encoding]::ASCII.GetString($bytes, 0, [System.Math]::Min(100, $bytes.Length))
    $page = ''
    if ($start -match '^\W*<') { $page = ' It looks like a web page: something on the way, such as a proxy that wants a login, may have answered.' }
    throw "What $shown gave ($($bytes.Length) bytes) has the SHA-256 $found and should have $Hash. It was not kept and not run.$page"
}

# --- Cache

# Others may read and run it; only the worker's own account may change it. Some shares know no modes and need none.
function Set-ScaleInModeOnUnix([string[]] $Paths) {
    $start = New-Object System.Diagnostics.ProcessStartInfo 'chmod'
    $start.UseShellExecute = $false
    $start.RedirectStandardError = $true
    # One by one, since a command line would make something else of quotes and brackets.
    foreach ($argument in @('755') + $Paths) { $start.ArgumentList.Add($argument) }
    $chmod = [System.Diagnostics.Process]::Start($start)
    $said = $chmod.StandardError.ReadToEnd()
    $chmod.WaitForExit()
    if ($chmod.ExitCode -ne 0) { Write-ScaleIn "The mode could not be set: $said" }
}

# What downloads that were killed have left. Another run may be writing one of this day.
function Clear-ScaleInLeftovers([string] $Folder) {
    foreach ($left in [System.IO.Directory]::GetFiles($Folder, 'octopus-scale-in-*.part')) {
        try {
            if ([System.IO.File]::GetLastWriteTimeUtc($left) -lt [System.DateTime]::UtcNow.AddDays(-1)) { [System.IO.File]::Delete($left) }
        }
        catch { Write-ScaleIn "$left is left of a download and could not be deleted: $(Get-ScaleInReason $_.Exception)" }
    }
}

# Nothing has the final name before it is whole, and two runs that write at once write the same.
function Save-ScaleInFile([byte[]] $Bytes, [string] $File) {
    $folder = [System.IO.Path]::GetDirectoryName($File)
    $part = "$File.$([System.Guid]::NewGuid().ToString('N')).part"
    $new = @($part)
    if (-not [System.IO.Directory]::Exists($folder)) { $new += $folder }
    [void] [System.IO.Directory]::CreateDirectory($folder)
    Clear-ScaleInLeftovers $folder
    try {
        [System.IO.File]::WriteAllBytes($part, $Bytes)
        if (-not (Test-ScaleInWindows)) { Set-ScaleInModeOnUnix $new }
        try { [System.IO.File]::Move($part, $File) }
        catch { if (-not [System.IO.File]::Exists($File)) { throw } }  # Another run was faster.
    }
    finally { if ([System.IO.File]::Exists($part)) { [System.IO.File]::Delete($part) } }
}

# A kept file, open: on Windows nobody can change it between this look and its start. One that is not what it should be is
# deleted, and the step fails: somebody should know.
function Open-ScaleInFile([string] $File, [string] $Hash) {
    try { $stream = [System.IO.File]::Open($File, [System.IO.FileMode]::Open, [System.IO.FileAccess]::Read, [System.IO.FileShare]::Read) }
    catch {
        Write-ScaleIn "$File cannot be read: $(Get-ScaleInReason $_.Exception)"
        return $null
    }
    $found = Get-ScaleInHash $stream
    if ($found -eq $Hash) { return $stream }
    $stream.Dispose()
    $fate = 'It was deleted and not run; the next run downloads it anew. If this comes again, find out who writes to that folder.'
    try { [System.IO.File]::Delete($File) }
    catch { $fate = "It was not run, and could not be deleted: $(Get-ScaleInReason $_.Exception) Delete it by hand, and find out who writes to that folder." }
    throw "The program kept in $File has the SHA-256 $found and should have $Hash. $fate"
}

# The program's bytes: as another of these folders keeps them, else downloaded.
function Get-ScaleInBytes([string[]] $Folders, [string] $Kept, [string] $Name, [string] $Hash) {
    foreach ($folder in $Folders) {
        $file = [System.IO.Path]::Combine($folder, $Kept)
        if (-not [System.IO.File]::Exists($file)) { continue }
        $stream = Open-ScaleInFile $file $Hash
        if (-not $stream) { continue }
        try {
            $copy = New-Object System.IO.MemoryStream
            $stream.Position = 0
            $stream.CopyTo($copy)
            return , $copy.ToArray()
        }
        finally { $stream.Dispose() }
    }
    return , (Get-ScaleInChecked (Get-ScaleInAddress $Name) $Hash)
}

# --- Start

# The environment of the program, where it differs from the step's own. What the worker happens to have under such names is
# no setting of this step.
function Get-ScaleInEnvironment {
    $environment = @{}
    foreach ($variable in [System.Environment]::GetEnvironmentVariables().Keys) {
        if ($variable -match '^(VMSS|OCTOPUS)_' -and $variable -notin $ScaleInTuning) { $environment[$variable.ToUpperInvariant()] = $null }
    }
    foreach ($name in $ScaleInVariables + $ScaleInTuning) {
        $value = Get-ScaleInValue $name
        if (-not $value) { continue }
        if ($value.Length -gt 32766) { throw "$name has $($value.Length) characters, and a program can be given no more than 32766. Make it shorter." }
        if ($value.Contains("`0")) { throw "$name holds a character with the code 0, which no program can be given. Remove it." }
        $environment[($name -replace '[^A-Za-z0-9]+', '_').ToUpperInvariant()] = $value
    }
    return $environment
}

function Set-ScaleInVariable([string] $Variable, $Value) {
    # PowerShell makes an empty text of $null, which newer versions of .NET would keep.
    if ($null -eq $Value) { $Value = [NullString]::Value }
    [System.Environment]::SetEnvironmentVariable($Variable, $Value)
}

# Starts the program. It writes straight to the step's own output, and nothing that starts later has its environment.
function Start-ScaleInProgram([string] $File, $Environment) {
    $start = New-Object System.Diagnostics.ProcessStartInfo $File
    $start.UseShellExecute = $false
    $start.WorkingDirectory = Get-ScaleInHere
    $before = @{}
    try {
        foreach ($variable in $Environment.Keys) {
            $before[$variable] = [System.Environment]::GetEnvironmentVariable($variable)
            Set-ScaleInVariable $variable $Environment[$variable]
        }
        return [System.Diagnostics.Process]::Start($start)
    }
    finally {
        foreach ($variable in $before.Keys) { Set-ScaleInVariable $variable $before[$variable] }
    }
}

# A file of the user's own. One that came out of a package may have lost the right to be executed.
function Start-ScaleInPath([string] $Path, $Environment) {
    $file = [System.IO.Path]::Combine((Get-ScaleInHere), $Path)
    if (-not [System.IO.File]::Exists($file)) { throw "VMSS.Binary.Path is $Path, and there is no such file on this worker." }
    try { return Start-ScaleInProgram $file $Environment }
    catch { $why = Get-ScaleInReason $_.Exception }
    if (-not (Test-ScaleInWindows)) {
        try {
            Set-ScaleInModeOnUnix $file
            return Start-ScaleInProgram $file $Environment
        }
        catch { $why = Get-ScaleInReason $_.Exception }
    }
    throw "VMSS.Binary.Path is $file, which does not start: $why"
}

function Start-ScaleInRelease($Environment) {
    $release = $ScaleInRelease
    if (-not $release.Sha256.Count) {
        throw 'This is the development template, which knows no release of the program. Set VMSS.Binary.Path to a program of your own, or import the template from a release.'
    }
    $triple = Get-ScaleInTriple
    if (-not $release.Sha256.ContainsKey($triple)) {
        throw "The release $($release.Version) has no program for this machine ($triple). Run the step on another worker, or build one and set VMSS.Binary.Path to it."
    }
    $hash = $release.Sha256[$triple]
    $ending = if (Test-ScaleInWindows) { '.exe' } else { '' }
    $name = "octopus-scale-in-$($release.Version)-$triple$ending"
    # The hash is a part of the kept name: another build of the same version is another file.
    $kept = "octopus-scale-in-$($release.Version)-$hash$ending"
    $folders = @(Get-ScaleInFolders)
    $bytes = $null
    foreach ($folder in $folders) {
        $file = [System.IO.Path]::Combine($folder, $kept)
        if (-not [System.IO.File]::Exists($file)) {
            if ($null -eq $bytes) { $bytes = Get-ScaleInBytes $folders $kept $name $hash }
            try { Save-ScaleInFile $bytes $file }
            catch { Write-ScaleIn "$folder cannot keep the program: $(Get-ScaleInReason $_.Exception)"; continue }
        }
        $stream = Open-ScaleInFile $file $hash
        if (-not $stream) { continue }
        try { return Start-ScaleInProgram $file $Environment }
        catch { Write-ScaleIn "$folder does not let the program start: $(Get-ScaleInReason $_.Exception)" }
        finally { $stream.Dispose() }
    }
    throw 'No folder of this worker can keep and start the program; the lines above say why. Set VMSS.Cache.Folder to one that is writable and allows execution.'
}

function Start-ScaleIn {
    if (-not (Test-Path variable:OctopusParameters) -or $null -eq $OctopusParameters) {
        throw 'This script is a step of Octopus, which gives it its parameters; here are none. To run the program by hand, see its README.'
    }
    $environment = Get-ScaleInEnvironment
    $path = (Get-ScaleInValue 'VMSS.Binary.Path').Trim()
    if ($path) { return Start-ScaleInPath $path $environment }
    return Start-ScaleInRelease $environment
}

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
try { $ScaleInProcess = Start-ScaleIn }
catch {
    Write-ScaleInError "$($_.Exception.Message) Nothing was removed."
    exit $ScaleInNotStarted
}
$ScaleInProcess.WaitForExit()
if ($ScaleInProcess.ExitCode -notin @(0..6 + 130)) {
    Write-ScaleInError "octopus-scale-in ended with the code $($ScaleInProcess.ExitCode), which is none of its own: something stopped it. The lines above say what it had removed by then; a later run does the rest."
}
exit $ScaleInProcess.ExitCode
