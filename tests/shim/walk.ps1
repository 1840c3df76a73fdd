# Prints what in a script Windows PowerShell 5.1 does not have; nothing where there is nothing.
param([string] $File)
$ErrorActionPreference = 'Stop'
$tokens = $null
$problems = $null
$tree = [System.Management.Automation.Language.Parser]::ParseFile($File, [ref] $tokens, [ref] $problems)
foreach ($problem in $problems) { "syntax: $($problem.Message)" }

# Tokens and nodes that came with PowerShell 6 and 7.
$tokenKinds = 'QuestionQuestion', 'QuestionQuestionEquals', 'QuestionDot', 'QuestionLBracket', 'AndAnd', 'OrOr', 'QuestionMark', 'Clean'
foreach ($token in $tokens) { if ("$($token.Kind)" -in $tokenKinds) { "token: $($token.Kind) $($token.Text)" } }
$newNodes = 'TernaryExpressionAst', 'PipelineChainAst'
# All that 5.1 and the script's own functions offer; a command outside of it has to be looked up first.
$known = @{
    'Add-Type' = @('AssemblyName'); 'ForEach-Object' = @(); 'New-Object' = @('TypeName', 'ArgumentList')
    'Start-Sleep' = @('Seconds'); 'Test-Path' = @(); 'Where-Object' = @(); 'Write-Host' = @(); 'chmod' = @()
}
$own = @($tree.FindAll({ $args[0] -is [System.Management.Automation.Language.FunctionDefinitionAst] }, $true) | ForEach-Object { $_.Name })
foreach ($node in $tree.FindAll({ $true }, $true)) {
    $kind = $node.GetType().Name
    if ($kind -in $newNodes) { "node: $kind $($node.Extent.Text)" }
    if ($node.PSObject.Properties['NullConditional'] -and $node.NullConditional) { "node: null-conditional $($node.Extent.Text)" }
    if ($kind -ne 'CommandAst') { continue }
    $name = $node.GetCommandName()
    if (-not $name -or $name -in $own) { continue }
    if (-not $known.ContainsKey($name)) { "command: $name"; }
    foreach ($element in $node.CommandElements) {
        if ($element.GetType().Name -ne 'CommandParameterAst') { continue }
        if ($element.ParameterName -notin @($known[$name])) { "parameter: $name -$($element.ParameterName)" }
    }
}
