import { readFileSync } from 'node:fs';
export function onReading() {
  readFileSync('/etc/passwd');
}
