import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

/** What curl does and has printed so far; it ends with the test. */
export interface Curl {
  output(): string;
  /** The data of the events that it was told, and their ids. */
  events(): readonly { readonly id: string; readonly data: unknown }[];
  /** Resolved with its exit code. */
  readonly exited: Promise<number | null>;
  /** Makes it read nothing more, or go on. */
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Runs curl as a foreign client would: no buffering, headers printed where `-i` asks for them. */
export function runCurl(...parameters: readonly string[]): Curl {
  const child = spawn('curl', ['--silent', '--no-buffer', '--max-time', '60', ...parameters]);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(stop);
  return {
    output: () => output,
    events: () =>
      [...output.matchAll(/^id: (.*)\ndata: (.*)\n\n/gm)].map(([, id = '', data = '']) => ({
        id,
        data: JSON.parse(data) as unknown,
      })),
    exited,
    signal: (signal) => {
      child.kill(signal);
    },
    stop,
  };
}
