import { DewproofError } from '../../core/errors.ts';

/** Asks on stderr for a line that is not echoed. @throws USAGE where the user presses Ctrl-C or Ctrl-D */
export async function promptSecret(question: string): Promise<string> {
  process.stderr.write(question);
  const { stdin } = process;
  stdin.setRawMode(true);
  stdin.resume();
  stdin.setEncoding('utf8');
  try {
    return await readLine(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    process.stderr.write('\n');
  }
}

function readLine(stdin: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = '';
    const finish = (settle: () => void) => {
      stdin.off('data', onData);
      settle();
    };
    const onData = (chunk: string) => {
      for (const key of chunk) {
        if (key === '\r' || key === '\n') {
          finish(() => {
            resolve(typed);
          });
          return;
        }
        if (key === '\u0003' || key === '\u0004') {
          finish(() => {
            reject(new DewproofError('USAGE', 'Cancelled; nothing was changed.'));
          });
          return;
        }
        typed = key === '\u007f' || key === '\b' ? typed.slice(0, -1) : typed + key;
      }
    };
    stdin.on('data', onData);
  });
}
