# Prints what in a script Windows PowerShell 5.1 on .NET Framework 4.6.2 does not have. What is not in the lists below was
# never looked up: whoever needs more looks it up and adds it.
$ErrorActionPreference = 'Stop'

# Commands with the parameters that are given to them by name.
$commands = @{
    'Add-Type' = @('AssemblyName'); 'ForEach-Object' = @(); 'New-Object' = @(); 'Start-Sleep' = @('Seconds')
    'Test-Path' = @(); 'Where-Object' = @(); 'Write-Host' = @()
}
$types = @(
    'System.Diagnostics.ProcessStartInfo', 'System.IO.MemoryStream', 'System.Net.Http.HttpClient',
    'System.Net.Http.HttpClientHandler', 'System.Net.NetworkCredential', 'System.Net.WebProxy',
    'System.Security.Cryptography.SHA256CryptoServiceProvider', 'System.Uri', 'System.UriBuilder'
)
# Members of types; a method with the number of its arguments, since newer versions of .NET have more of each.
$statics = @(
    'NullString.Value', 'regex.Escape(1)', 'regex.Replace(3)', 'System.BitConverter.ToString(1)',
    'System.Diagnostics.Process.Start(1)', 'System.Diagnostics.Stopwatch.StartNew(0)', 'System.DateTime.UtcNow',
    'System.Environment.GetEnvironmentVariable(1)', 'System.Environment.GetEnvironmentVariables(0)',
    'System.Environment.OSVersion', 'System.Environment.SetEnvironmentVariable(2)', 'System.Guid.NewGuid(0)',
    'System.IO.Directory.CreateDirectory(1)', 'System.IO.Directory.Exists(1)', 'System.IO.Directory.GetFiles(2)',
    'System.IO.File.Delete(1)', 'System.IO.File.Exists(1)', 'System.IO.File.GetLastWriteTimeUtc(1)',
    'System.IO.File.Move(2)', 'System.IO.File.Open(4)', 'System.IO.File.WriteAllBytes(2)', 'System.IO.FileAccess.Read',
    'System.IO.FileMode.Open', 'System.IO.FileShare.Read', 'System.IO.Path.Combine(2)', 'System.IO.Path.Combine(3)',
    'System.IO.Path.GetDirectoryName(1)', 'System.Math.Max(2)', 'System.Math.Min(2)',
    'System.Net.CredentialCache.DefaultCredentials', 'System.Net.SecurityProtocolType.Tls12',
    'System.Net.ServicePointManager.SecurityProtocol', 'System.Net.WebRequest.DefaultWebProxy',
    'System.Text.Encoding.ASCII', 'System.TimeSpan.FromSeconds(1)',
    'System.Uri.TryCreate(3)', 'System.Uri.UnescapeDataString(1)', 'System.UriKind.Absolute'
)
# Methods of objects, whose type nobody knows here.
$methods = @(
    'AddDays(1)', 'ComputeHash(1)', 'Contains(1)', 'ContainsKey(1)', 'CopyTo(1)', 'Dispose(0)', 'GetAsync(1)',
    'GetAwaiter(0)', 'GetBaseException(0)', 'GetResult(0)', 'GetString(3)', 'ReadAsByteArrayAsync(0)', 'ToArray(0)',
    'ToLowerInvariant(0)', 'ToString(1)', 'ToUpperInvariant(0)', 'Trim(0)', 'TrimEnd(1)', 'WaitForExit(0)'
)
# Variables that only PowerShell 6 and later set by themselves.
$variables = 'EnabledExperimentalFeatures', 'IsCoreCLR', 'IsLinux', 'IsMacOS', 'IsWindows', 'PSStyle'
$nodes = @(
    'TernaryExpressionAst', 'PipelineChainAst', 'TypeDefinitionAst', 'FunctionMemberAst', 'UsingStatementAst',
    'ConfigurationDefinitionAst', 'DynamicKeywordStatementAst'
)

# What is only reached where .NET is newer: a function whose name says so, called only where Windows is out of the question.
function Get-Function($node) {
    while ($node -and $node.GetType().Name -ne 'FunctionDefinitionAst') { $node = $node.Parent }
    return $node
}

function Test-BehindWindows($call) {
    for ($node = $call; $node.Parent; $node = $node.Parent) {
        $parent = $node.Parent
        if ($parent.GetType().Name -eq 'IfStatementAst') {
            foreach ($clause in $parent.Clauses) {
                if ($clause.Item2 -eq $node -and $clause.Item1.Extent.Text -eq '-not (Test-ScaleInWindows)') { return $true }
            }
        }
        if ($parent.GetType().Name -ne 'NamedBlockAst') { continue }
        foreach ($statement in $parent.Statements) {
            if ($statement -eq $node) { break }
            if ($statement.GetType().Name -ne 'IfStatementAst' -or $statement.Clauses.Count -ne 1) { continue }
            $test, $body = $statement.Clauses[0].Item1, $statement.Clauses[0].Item2
            $leaves = $body.Statements[-1].GetType().Name -in 'ReturnStatementAst', 'ThrowStatementAst'
            if ($test.Extent.Text -eq 'Test-ScaleInWindows' -and $leaves) { return $true }
        }
    }
    return $false
}

function Find-InCommand($node, $own) {
    $name = $node.GetCommandName()
    if (-not $name) { if ($node.InvocationOperator -ne 'Ampersand') { "command: $node" }; return }
    if ($name -in $own) {
        if ($name -like '*OnUnix' -and -not (Test-BehindWindows $node)) { "not behind a test for Windows: $node" }
        return
    }
    if (-not $commands.ContainsKey($name)) { "command: $name" }
    $elements = @($node.CommandElements)
    foreach ($element in $elements) {
        if ($element.GetType().Name -ne 'CommandParameterAst') { continue }
        if ($element.ParameterName -notin @($commands[$name])) { "parameter: $name -$($element.ParameterName)" }
    }
    if ($name -eq 'New-Object' -and "$($elements[1])" -notin $types) { "type: $($elements[1])" }
}

function Find-InMember($node) {
    $member = "$($node.Member)"
    $call = $node.GetType().Name -eq 'InvokeMemberExpressionAst'
    if ($call) { $member += "($(@($node.Arguments | Where-Object { $_ }).Count))" }
    if ($node.Static) {
        $member = "$($node.Expression)" -replace '^\[(.*)\]$', '$1.' -replace '$', $member
        if ($member -notin $statics) { "member: $member" }
    }
    elseif ($call -and $member -notin $methods) { "method: $member" }
}

function Find-InNode($node, $own) {
    $kind = $node.GetType().Name
    if ($kind -in $nodes) { "node: $kind $node" }
    if ($node.PSObject.Properties['NullConditional'] -and $node.NullConditional) { "null-conditional: $node" }
    if ($node.PSObject.Properties['Background'] -and $node.Background) { "background: $node" }
    if ($kind -eq 'CommandAst') { Find-InCommand $node $own }
    $newer = (Get-Function $node)
    if ($newer -and $newer.Name -like '*OnUnix') { return }
    if ($node -is [System.Management.Automation.Language.MemberExpressionAst]) { Find-InMember $node }
    if ($kind -eq 'VariableExpressionAst' -and "$($node.VariablePath)" -in $variables) { "variable: $node" }
    if ($kind -eq 'ConstantExpressionAst' -and "$node" -notmatch '^-?(\d+|\d+\.\d+|0x[0-9a-f]+)([kmg]b)?$') { "number: $node" }
    if ($kind -eq 'BinaryExpressionAst' -and $node.Operator -like '?replace' -and "$($node.Right)" -match '\{') { "replaced by a script: $node" }
}

foreach ($file in $args) {
    $name = [System.IO.Path]::GetFileName($file)
    $tokens = $null
    $problems = $null
    $tree = [System.Management.Automation.Language.Parser]::ParseFile($file, [ref] $tokens, [ref] $problems)
    $found = @(
        foreach ($problem in $problems) { "syntax: $($problem.Message)" }
        foreach ($token in $tokens) {
            if ("$($token.Kind)" -in 'QuestionQuestion', 'QuestionQuestionEquals', 'Clean') { "token: $($token.Text)" }
            if ("$($token.Kind)" -like '*Expandable' -and $token.Text -match '`(e|u\{)') { "escape: $($token.Text)" }
        }
        $own = @($tree.FindAll({ $args[0] -is [System.Management.Automation.Language.FunctionDefinitionAst] }, $true) | ForEach-Object { $_.Name })
        foreach ($node in $tree.FindAll({ $true }, $true)) { Find-InNode $node $own }
    )
    foreach ($text in $found) { "$name`: $($text -replace '\s+', ' ')" }
}
