// `npm run example -- NAME`: one of the sites in examples/, on this machine, with real parts.
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { hasCode } from '../core/errors.ts';
import { exampleNames } from './example/load-example.ts';
import { openExample, type OpenExample } from './example/open-example.ts';

const usage = `usage: npm run example -- NAME [--once] [--folder DIR]

Opens one of the example sites: sensors and actuators, a chain (hardhat node), a dew server and an edge device, with the
documents of examples/NAME published, approved and running. Ctrl-C stops everything.

  NAME          ${exampleNames.join(', ')}
  --once        stop when everything has been shown, instead of waiting for Ctrl-C
  --folder DIR  where the site keeps its files (default .dewproof/NAME)`;

const { values, name } = readOptions();
const startedAt = performance.now();
const interrupted = new AbortController();
let open: OpenExample | undefined;
let stopping = false;

const step = (message: string): void => {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
  console.log(`${styleText('dim', `${seconds} s`)}  ${message}`);
};

async function stop(exitCode: number): Promise<never> {
  stopping = true;
  await open?.site.stop();
  process.exit(exitCode);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    step('stopping every process');
    interrupted.abort();
    if (open) void stop(0);
  });
}

try {
  const folder = values.folder ?? join('.dewproof', name);
  open = await openExample({ name, folder, step, signal: interrupted.signal });
  const { example } = open;
  console.log(`\n${styleText('bold', example.title)}\n`);
  for (const line of example.tries(open)) console.log(`  ${line}`);
  if (values.once) await stop(0);
  console.log(`\nCtrl-C stops the site.`);
} catch (error) {
  if (interrupted.signal.aborted) await stop(130);
  const code = hasCode(error) ? `${error.code}: ` : '';
  console.error(`example: ${code}${error instanceof Error ? error.message : String(error)}`);
  await stop(1);
}

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        once: { type: 'boolean', default: false },
        folder: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const [name] = positionals;
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    if (name === undefined || positionals.length > 1) throw new TypeError('name one example');
    return { values, name };
  } catch (error) {
    console.error(`example: USAGE: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(64);
  }
}
