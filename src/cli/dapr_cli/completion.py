"""Shell completion: four short scripts, and the one place that knows what may come next.

The scripts only hand the words of the command line to ``dapr __complete``; what may follow is read from the command
table, so that a new flag completes in every shell at once. Running app ids are completed too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from . import table
from .command import Command
from .flags import Flag

FILES_WORD = ":files"
FOLDERS_WORD = ":folders"
"""Candidates of their own that ask the shell to complete file or folder names."""


def print_candidates(words: Sequence[str]) -> int:
    """Answer a completion script: one candidate a line, with its description behind a tab."""
    for name, description in candidates(words):
        sys.stdout.write(f"{name}\t{description}\n")
    return 0


def candidates(words: Sequence[str]) -> list[tuple[str, str]]:
    """What may stand in place of the last word, given the words before it; the last word may be empty or begun."""
    *before, begun = words or [""]
    command, before = _descend(before)
    flags = [flag for flag in (*command.flags, *table.GLOBAL_FLAGS, table.HELP_FLAG) if not flag.hidden]
    if "--" in before:
        return [(FILES_WORD, "")]
    if (awaiting := _awaiting_value(flags, before)) is not None:
        return _starting(begun, _values(awaiting.completes, awaiting.choices))
    if begun.startswith("-") and "=" in begun:
        return _after_equals(flags, begun)
    if begun.startswith("-"):
        return _starting(begun, [(f"--{flag.name}", flag.help) for flag in flags])
    if command.commands:
        return _starting(begun, [(child.name, child.summary) for child in command.commands])
    return _starting(begun, _values(command.args_complete, ()))


def _descend(words: list[str]) -> tuple[Command, list[str]]:
    command = table.ROOT_COMMAND
    for place, word in enumerate(words):
        child = None if word.startswith("-") else table.find(command, word)
        if child is not None:
            command = child
        elif not word.startswith("-") and not command.commands:
            return command, words[place:] if "--" in words[place:] else words
    return command, words


def _awaiting_value(flags: Sequence[Flag], before: Sequence[str]) -> Flag | None:
    last = before[-1] if before else ""
    named = [flag for flag in flags if last in (f"--{flag.name}", f"-{flag.short}" if flag.short else "")]
    return named[0] if last and named and named[0].kind != "bool" else None


def _after_equals(flags: Sequence[Flag], begun: str) -> list[tuple[str, str]]:
    label, _, value = begun.partition("=")
    for flag in flags:
        if label == f"--{flag.name}":
            found = _starting(value, _values(flag.completes, flag.choices))
            return [(name if name[0] == ":" else f"{label}={name}", note) for name, note in found]
    return []


def _values(completes: str, choices: Sequence[str]) -> list[tuple[str, str]]:
    if choices:
        return [(choice, "") for choice in choices]
    if completes == "app-id":
        from . import instances

        return [(one.app_id, f"HTTP port {one.http_port}") for one in instances.running()]
    if completes == "context":
        from .cluster.contexts import context_names

        return [(name, "") for name in context_names(os.environ)]
    return {"file": [(FILES_WORD, "")], "directory": [(FOLDERS_WORD, "")]}.get(completes, [])


def _starting(begun: str, found: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, note) for name, note in found if name.startswith(begun) or name[0] == ":"]


BASH = r"""# bash completion for dapr
_dapr_complete() {
    local current="${COMP_WORDS[COMP_CWORD]}" line name
    local words=("${COMP_WORDS[@]:1:COMP_CWORD}")
    COMPREPLY=()
    while IFS= read -r line; do
        name="${line%%$'\t'*}"
        case "$name" in
            :files) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$current")) ;;
            :folders) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -d -- "$current")) ;;
            *) COMPREPLY+=("$name") ;;
        esac
    done < <("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)
}
complete -F _dapr_complete dapr
"""

ZSH = r"""#compdef dapr
# zsh completion for dapr
_dapr() {
    local line name note
    local -a found
    while IFS= read -r line; do
        name="${line%%$'\t'*}"
        note="${line#*$'\t'}"
        case "$name" in
            :files) _files ;;
            :folders) _files -/ ;;
            *) found+=("${name//:/\\:}:$note") ;;
        esac
    done < <("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
    (( ${#found} )) && _describe 'dapr' found
}
if [ "$funcstack[1]" = "_dapr" ]; then
    _dapr "$@"
else
    compdef _dapr dapr
fi
"""

FISH = r"""# fish completion for dapr
function __dapr_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] __complete $words[2..-1] 2>/dev/null)
        set -l name (string split -m1 \t -- $line)[1]
        switch $name
            case ':files'
                __fish_complete_path (commandline -ct)
            case ':folders'
                __fish_complete_directories (commandline -ct)
            case '*'
                echo $line
        end
    end
end
complete -c dapr -f -a '(__dapr_complete)'
"""

POWERSHELL = r"""# PowerShell completion for dapr
Register-ArgumentCompleter -Native -CommandName dapr -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    if ($wordToComplete -eq '') { $words += '' }
    & dapr __complete @words 2>$null | ForEach-Object {
        $name, $note = $_ -split "`t", 2
        if ($name -in ':files', ':folders') {
            Get-ChildItem -Name "$wordToComplete*" | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ProviderItem', $_)
            }
        } else {
            $tip = if ($note) { $note } else { $name }
            [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $tip)
        }
    }
}
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH, "powershell": POWERSHELL}
