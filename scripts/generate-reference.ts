// Writes docs/resources.md from the document's schema: `npm run generate:reference`. A test holds it against the schema.
import { writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { renderReference } from './reference/render-reference.ts';

const file = new URL('../docs/resources.md', import.meta.url);
const options = await resolveConfig(file);
await writeFile(file, await format(renderReference(), { ...options, parser: 'markdown' }));
