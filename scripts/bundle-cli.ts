// The last step of `npm run build`, after tsc.
import { join } from 'node:path';
import { bundleCli } from './build/bundle-cli.ts';

await bundleCli({ outfile: join(import.meta.dirname, '../dist/cli/main.js') });
