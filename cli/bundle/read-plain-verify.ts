/** `bundle verify` with an anchor, as far as it can be read without the command line's definition. */
export interface PlainVerify {
  readonly file: string;
  readonly anchor: string;
  readonly clock: boolean;
  readonly home: string;
  readonly output: 'table' | 'json';
}

/**
 * Reads `bundle verify FILE --anchor FILE [--no-clock] [-o table|json]`, the options in any order and each once;
 * undefined of any other command line, also of a wrong one: commander knows more forms, and says what is wrong.
 */
export function readPlainVerify([group, verb, ...words]: readonly string[]): PlainVerify | undefined {
  if (group !== 'bundle' || verb !== 'verify') return undefined;
  const found: { file?: string; anchor?: string | undefined; clock?: false; output?: 'table' | 'json' | undefined } =
    {};
  while (words.length > 0) {
    const word = words.shift() ?? '';
    if (word === '--no-clock' && found.clock === undefined) found.clock = false;
    else if (word === '--anchor' && found.anchor === undefined && isValue(words[0])) found.anchor = words.shift();
    else if (word === '-o' && found.output === undefined && isForm(words[0])) found.output = words.shift() as 'json';
    else if (isValue(word) && found.file === undefined) found.file = word;
    else return undefined;
  }
  const { file, anchor, clock = true, output = 'table' } = found;
  if (file === undefined || anchor === undefined) return undefined;
  // With an anchor named, the home is not looked at.
  return { file, anchor, clock, output, home: '' };
}

function isValue(word: string | undefined): word is string {
  return word !== undefined && word !== '' && !word.startsWith('-');
}

function isForm(word: string | undefined): boolean {
  return word === 'table' || word === 'json';
}
