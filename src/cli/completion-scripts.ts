export type Shell = 'bash' | 'zsh' | 'fish';

export const shells: readonly Shell[] = ['bash', 'zsh', 'fish'];

/** One script per shell. Each asks `pgctl __complete -- WORDS…` for the candidates of the last word. */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion for pgctl
_pgctl() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    if [[ "$candidate" == ":files" ]]; then
      compopt -o default 2>/dev/null
    elif [[ -n "$candidate" ]]; then
      COMPREPLY+=("$candidate")
    fi
  done < <("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _pgctl pgctl
`,
  zsh: `#compdef pgctl
_pgctl() {
  local -a candidates
  candidates=("\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "\${candidates[1]}" == ":files" ]]; then
    _files
  else
    compadd -- \${candidates[@]}
  fi
}
if [[ "\${funcstack[1]}" == "_pgctl" ]]; then
  _pgctl "$@"
else
  compdef _pgctl pgctl
fi
`,
  fish: `# fish completion for pgctl
function __pgctl_complete
  set -l typed (commandline -opc) (commandline -ct)
  set -l candidates ($typed[1] __complete -- $typed[2..-1] 2>/dev/null)
  if test "$candidates[1]" = ":files"
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $candidates
  end
end
complete -c pgctl -f -a '(__pgctl_complete)'
`,
};
