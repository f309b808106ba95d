import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { makeFiles } from './make/make-files.ts';
import { vectorsFolder } from './read-vectors.ts';

// Writes the vectors' files anew; the same at every run.
const files = makeFiles();
mkdirSync(vectorsFolder, { recursive: true });
for (const [name, content] of files) {
  const file = join(vectorsFolder, name);
  const options = await resolveConfig(file);
  writeFileSync(file, await format(JSON.stringify(content), { ...options, parser: 'json' }));
}
