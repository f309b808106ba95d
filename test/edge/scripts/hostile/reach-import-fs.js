import fs from 'fs';
export function onReading() {
  fs.readFileSync('/etc/passwd');
}
