// `npm run example -- NAME`: one of the sites in examples/, on this machine, with real parts.
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { exampleNames } from './example/load-example.ts';
import { openExample } from './example/open-example.ts';
import { runSite } from './site/run-site.ts';

const usage = `usage: npm run example -- NAME [--once] [--folder DIR]

Opens one of the example sites: sensors and actuators, a chain (hardhat node), a dew server and an edge device, with the
documents of examples/NAME published, approved and running. Ctrl-C stops everything.

  NAME          ${exampleNames.join(', ')}
  --once        stop when everything has been shown, instead of waiting for Ctrl-C
  --folder DIR  where the site keeps its files (default .dewproof/NAME)`;

const { values, name } = readOptions();
await runSite({ name: 'example', once: values.once }, async ({ step, signal, keep }) => {
  const folder = values.folder ?? join('.dewproof', name);
  const open = await openExample({ name, folder, step, signal });
  keep(open.site);
  const { example } = open;
  console.log(`\n${styleText('bold', example.title)}\n`);
  for (const line of example.tries(open)) console.log(`  ${line}`);
});

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
