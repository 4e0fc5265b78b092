/** Completion scripts: static text, so that a key press starts no process and asks no server. */
export interface Completable {
  readonly words: string;
  readonly summary: string;
  readonly flags: readonly { readonly name: string; readonly describe: string; readonly takesValue: boolean }[];
}

/** What may follow each beginning: `""` → `secret`, …; `secret` → `put`, …; a whole command → its options. */
function nextWords(commands: readonly Completable[]): Map<string, Set<string>> {
  const next = new Map<string, Set<string>>();
  const add = (before: string, word: string) => next.set(before, (next.get(before) ?? new Set()).add(word));
  for (const command of commands) {
    const words = command.words.split(" ");
    for (const [index, word] of words.entries()) add(words.slice(0, index).join(" "), word);
    for (const flag of command.flags) add(command.words, `--${flag.name}`);
  }
  return next;
}

export function bash(commands: readonly Completable[]): string {
  const cases = [...nextWords(commands)].map(
    ([before, words]) => `    ${quote(before)}) words=${quote([...words].join(" "))} ;;`,
  );
  return `_corral() {
  local words="" before="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && continue
    before="\${before:+$before }$word"
  done
  while :; do
    case "$before" in
${cases.map((line) => `  ${line}`).join("\n")}
    esac
    [[ -n $words || $before != *" "* ]] && break
    before="\${before% *}"
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _corral corral
`;
}

export function zsh(commands: readonly Completable[]): string {
  const cases = [...nextWords(commands)].map(
    ([before, words]) => `      ${quote(before)}) words_=(${[...words].map(quote).join(" ")}) ;;`,
  );
  return `#compdef corral
_corral() {
  local before="" word
  local -a words_
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -* ]] && continue
    before="\${before:+$before }$word"
  done
  while true; do
    case "$before" in
${cases.join("\n")}
    esac
    [[ \${#words_} -gt 0 || $before != *" "* ]] && break
    before="\${before% *}"
  done
  if [[ \${#words_} -gt 0 ]]; then compadd -- "\${words_[@]}"; else _files; fi
}
compdef _corral corral
`;
}

/** `__corral_at a b`: the words typed so far, options apart, are these; `__corral_in`: they begin with these. */
const FISH_CONDITIONS = `# completions of corral
function __corral_words
  for word in (commandline -opc)[2..]
    string match -q -- '-*' $word; or echo $word
  end
end
function __corral_at
  set -l typed (__corral_words)
  test "$typed" = "$argv"
end
function __corral_in
  set -l typed (__corral_words)
  string match -q -- "$argv *" "$typed "
end`;

export function fish(commands: readonly Completable[]): string {
  const lines = [FISH_CONDITIONS];
  const seen = new Set<string>();
  for (const command of commands) {
    const words = command.words.split(" ");
    for (const [index, word] of words.entries()) {
      const upToHere = words.slice(0, index + 1).join(" ");
      if (seen.has(upToHere)) continue;
      seen.add(upToHere);
      const describe = index === words.length - 1 ? command.summary : `${word} commands`;
      const condition = `__corral_at ${words.slice(0, index).join(" ")}`.trim();
      lines.push(`complete -c corral -f -n ${quote(condition)} -a ${quote(word)} -d ${quote(describe)}`);
    }
    for (const flag of command.flags) {
      const value = flag.takesValue ? " -r" : "";
      lines.push(
        `complete -c corral -n ${quote(`__corral_in ${command.words}`)} -l ${flag.name}${value} -d ${quote(flag.describe)}`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
