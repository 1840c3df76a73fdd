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
    'VMSS.ScaleSet.Name', 'VMSS.ResourceGroup.Name', 'VMSS.DeploymentTarget.Roles',
    'VMSS.Azure.Account', 'VMSS.Azure.Account.SubscriptionNumber', 'VMSS.Azure.Account.Client',
    'VMSS.Azure.Account.TenantId', 'VMSS.Azure.Account.Password', 'VMSS.Azure.Account.OpenIdConnect.Jwt',
    'VMSS.Azure.Account.AzureEnvironment', 'VMSS.Azure.Account.ResourceManagementEndpointBaseUri',
    'VMSS.Azure.Account.ActiveDirectoryEndpointBaseUri', 'VMSS.Azure.Credential',
    'VMSS.Octopus.Url', 'VMSS.Octopus.ApiKey',
    'VMSS.Timeout.Value', 'VMSS.Timeout.ErrorHandle', 'VMSS.Duplicate.TimeInMinutes', 'VMSS.Duplicate.Handle',
    'VMSS.OldServers.ExcludeFromOutput', 'VMSS.DryRun', 'VMSS.Removal.Action', 'VMSS.Removal.Limit',
    'VMSS.Removal.OwnedOnly', 'VMSS.BusyTargets.Handle', 'VMSS.Problem.Handle',
    'VMSS.Registration.TimeoutInMinutes', 'VMSS.GuidedFailure.Handle',
    'Octopus.Space.Id', 'Octopus.Environment.Id', 'Octopus.Deployment.Tenant.Id', 'Octopus.Deployment.Tenant.Tags',
    'Octopus.Deployment.Id', 'Octopus.Deployment.Trigger.Id', 'Octopus.RunbookRun.Id', 'Octopus.Task.Id',
    'Octopus.Step.Name', 'Octopus.Machine.Id', 'Octopus.Web.ServerUri', 'Octopus.Web.BaseUrl'
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

# The file of the release for this machine: its target triple and its ending.
function Get-ScaleInPlatform {
    $onWindows = (-not (Test-Path variable:IsWindows)) -or $IsWindows
    # An x64 program runs on Windows for arm64 as well.
    if ($onWindows) { return @{ Triple = 'x86_64-pc-windows-gnu'; Ending = '.exe' } }
    $architecture = [string] [System.Runtime.InteropServices.RuntimeInformation]::OSArchitecture
    if ($IsLinux -and $architecture -eq 'X64') { return @{ Triple = 'x86_64-unknown-linux-musl'; Ending = '' } }
    if ($IsLinux -and $architecture -eq 'Arm64') { return @{ Triple = 'aarch64-unknown-linux-musl'; Ending = '' } }
    throw "There is no release of octopus-scale-in for this machine ($architecture). Build one and set VMSS.Binary.Path to its file."
}

function Get-ScaleInHash([byte[]] $Bytes) {
    $sha256 = [System.Security.Cryptography.SHA256]::Create()
    try { return ([System.BitConverter]::ToString($sha256.ComputeHash($Bytes)) -replace '-', '').ToLowerInvariant() }
    finally { $sha256.Dispose() }
}

# The folders that may keep the program, the best one first.
function Get-ScaleInFolders {
    $folders = @((Get-ScaleInValue 'VMSS.Cache.Folder'), $env:TentacleHome)
    if ($env:LOCALAPPDATA) { $folders += $env:LOCALAPPDATA }
    elseif ($env:XDG_CACHE_HOME) { $folders += $env:XDG_CACHE_HOME }
    elseif ($env:HOME) { $folders += [System.IO.Path]::Combine($env:HOME, '.cache') }
    $folders = @($folders | Where-Object { $_ } | ForEach-Object { [System.IO.Path]::Combine($_, 'octopus-scale-in') })
    return $folders + @($ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath)
}

# One client for all tries: TLS 1.2 where an old Windows would not think of it, and the worker's own proxy.
function New-ScaleInClient {
    [System.Net.ServicePointManager]::SecurityProtocol =
        [System.Net.ServicePointManager]::SecurityProtocol -bor [System.Net.SecurityProtocolType]::Tls12
    Add-Type -AssemblyName System.Net.Http
    $handler = New-Object System.Net.Http.HttpClientHandler
    if ([System.Net.WebRequest]::DefaultWebProxy -and -not ($env:HTTPS_PROXY -or $env:HTTP_PROXY)) {
        $handler.Proxy = [System.Net.WebRequest]::DefaultWebProxy
    }
    if ($handler.Proxy -and -not $handler.Proxy.Credentials) {
        $handler.Proxy.Credentials = [System.Net.CredentialCache]::DefaultCredentials
    }
    $client = New-Object System.Net.Http.HttpClient $handler
    # For the whole answer, its last byte included.
    $client.Timeout = [System.TimeSpan]::FromSeconds($ScaleInRelease.Seconds)
    return $client
}

# One try: the bytes, or why there are none and whether another try may help.
function Read-ScaleInAddress($Client, [string] $Address) {
    try { $answer = $Client.GetAsync($Address).GetAwaiter().GetResult() }
    catch {
        $cause = $_.Exception.GetBaseException()
        if ($cause -is [System.OperationCanceledException]) {
            return @{ Why = "it took longer than $($ScaleInRelease.Seconds) seconds"; Again = $false }
        }
        return @{ Why = $cause.Message; Again = $true }
    }
    try {
        $status = [int] $answer.StatusCode
        if ($status -ne 200) { return @{ Why = "the server answered $status"; Again = ($status -ge 500 -or $status -eq 429) } }
        return @{ Bytes = $answer.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult() }
    }
    finally { $answer.Dispose() }
}

function Get-ScaleInDownload([string] $Address) {
    $client = New-ScaleInClient
    try {
        foreach ($pause in 1, 3, 0) {
            $got = Read-ScaleInAddress $client $Address
            if ($got.ContainsKey('Bytes')) { return , $got.Bytes }
            if (-not $got.Again -or $pause -eq 0) { break }
            Write-Host "Downloading $Address failed: $($got.Why). Trying again."
            Start-Sleep -Seconds $pause
        }
    }
    finally { $client.Dispose() }
    throw "Could not download $Address`: $($got.Why). If this worker may not reach that address, set VMSS.Download.BaseUrl to a mirror of the release, or VMSS.Binary.Path to the program's file."
}

# Whether the file starts here; a folder can forbid it.
function Test-ScaleInStarts([string] $File, [string] $Version) {
    try { $said = & $File --version }
    catch { return $false }
    return $LASTEXITCODE -eq 0 -and "$said" -eq "octopus-scale-in $Version"
}

# Nothing has the final name that was not checked before, and nothing keeps another name for long.
function Save-ScaleInFile([byte[]] $Bytes, [string] $File) {
    $folder = [System.IO.Path]::GetDirectoryName($File)
    [void] [System.IO.Directory]::CreateDirectory($folder)
    foreach ($left in [System.IO.Directory]::GetFiles($folder, 'octopus-scale-in-*.part')) {
        if ([System.IO.File]::GetLastWriteTimeUtc($left) -lt [System.DateTime]::UtcNow.AddDays(-1)) { [System.IO.File]::Delete($left) }
    }
    $part = "$File.$([System.Guid]::NewGuid().ToString('N')).part"
    try {
        [System.IO.File]::WriteAllBytes($part, $Bytes)
        if (-not $File.EndsWith('.exe')) { & chmod 755 $part }
        try { [System.IO.File]::Move($part, $File) }
        catch { if (-not [System.IO.File]::Exists($File)) { throw } }  # Another run was faster.
    }
    finally { if ([System.IO.File]::Exists($part)) { [System.IO.File]::Delete($part) } }
}

# A kept file is checked every time. One that is not what it should be is deleted, and the step fails: somebody should know.
function Assert-ScaleInHash([string] $File, [string] $Hash) {
    $found = Get-ScaleInHash ([System.IO.File]::ReadAllBytes($File))
    if ($found -eq $Hash) { return }
    [System.IO.File]::Delete($File)
    throw "The program kept in $File has the SHA-256 $found and should have $Hash. It was deleted and not run; the next run downloads it anew. If this comes again, find out who writes to that folder."
}

function Get-ScaleInBinary {
    $path = Get-ScaleInValue 'VMSS.Binary.Path'
    if ($path.Trim()) {
        if (-not [System.IO.File]::Exists($path)) { throw "VMSS.Binary.Path is $path, and there is no such file on this worker." }
        return [System.IO.Path]::GetFullPath($path)
    }
    if (-not $ScaleInRelease.Sha256.Count) {
        throw 'This is the development template, which knows no release of the program. Set VMSS.Binary.Path to a program of your own, or import the template from a release.'
    }
    $platform = Get-ScaleInPlatform
    $version = $ScaleInRelease.Version
    $hash = $ScaleInRelease.Sha256[$platform.Triple]
    $name = "octopus-scale-in-$version-$($platform.Triple)$($platform.Ending)"
    $bytes = $null
    foreach ($folder in Get-ScaleInFolders) {
        # The hash is a part of the name: another build of the same version is another file.
        $file = [System.IO.Path]::Combine($folder, "octopus-scale-in-$version-$hash$($platform.Ending)")
        if (-not [System.IO.File]::Exists($file)) {
            if ($null -eq $bytes) { $bytes = Get-ScaleInChecked $name $hash }
            try { Save-ScaleInFile $bytes $file }
            catch { Write-Host "$folder cannot keep the program: $($_.Exception.GetBaseException().Message)"; continue }
        }
        Assert-ScaleInHash $file $hash
        if (Test-ScaleInStarts $file $version) { return $file }
        Write-Host "$folder does not let the program start."
    }
    throw 'No folder of this worker can keep and start the program. Set VMSS.Cache.Folder to one that is writable and allows execution.'
}

function Get-ScaleInChecked([string] $Name, [string] $Hash) {
    $base = Get-ScaleInValue 'VMSS.Download.BaseUrl'
    if (-not $base.Trim()) { $base = $ScaleInRelease.BaseUrl }
    $address = "$($base.Trim().TrimEnd('/'))/$Name"
    $bytes = Get-ScaleInDownload $address
    $found = Get-ScaleInHash $bytes
    if ($found -ne $Hash) {
        throw "What $address gave ($($bytes.Length) bytes) has the SHA-256 $found and should have $Hash. It was not kept and not run."
    }
    Write-Host "Downloaded $address; its SHA-256 is the one that this template knows."
    return , $bytes
}

# The environment of the program: set for as long as it runs, then as it was before.
function Set-ScaleInVariable([string] $Variable, $Value) {
    # An empty value is none: newer versions of .NET would keep it.
    if ([string]::IsNullOrEmpty($Value)) { $Value = [NullString]::Value }
    [System.Environment]::SetEnvironmentVariable($Variable, $Value)
}

function Set-ScaleInEnvironment {
    $before = @{}
    # What the worker happens to have under the name of a parameter is no setting of this step.
    $names = $ScaleInVariables + @($ScaleInTuning | Where-Object { Get-ScaleInValue $_ })
    foreach ($name in $names) {
        $variable = ($name -replace '[^A-Za-z0-9]+', '_').ToUpperInvariant()
        $before[$variable] = [System.Environment]::GetEnvironmentVariable($variable)
        Set-ScaleInVariable $variable (Get-ScaleInValue $name)
    }
    return $before
}

function Invoke-ScaleIn {
    $binary = Get-ScaleInBinary
    $before = Set-ScaleInEnvironment
    try {
        # Neither piped nor captured, the program writes straight to this step's own output.
        & $binary
    }
    finally {
        foreach ($variable in $before.Keys) { Set-ScaleInVariable $variable $before[$variable] }
    }
}

# A code above 0 is the program's word, not an error of this script.
$PSNativeCommandUseErrorActionPreference = $false
$ProgressPreference = 'SilentlyContinue'
$ScaleInCode = $ScaleInNotStarted
try {
    Invoke-ScaleIn
    $ScaleInCode = $LASTEXITCODE
}
catch {
    Write-Host '##octopus[stdout-error]'
    Write-Host ("$($_.Exception.Message) Nothing was removed." -replace '##', '# #')
    Write-Host '##octopus[stdout-default]'
}
exit $ScaleInCode
