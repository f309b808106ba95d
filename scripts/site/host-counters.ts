import { readFileSync } from 'node:fs';
import { freemem, loadavg, totalmem } from 'node:os';

/** The host's run queue averaged over one and five minutes. */
export function readLoad(): { load1: number; load5: number } {
  const [load1 = 0, load5 = 0] = loadavg();
  return { load1, load5 };
}

/** The host's memory in bytes. */
export function readMemory(): { freeBytes: number; totalBytes: number } {
  return { freeBytes: freemem(), totalBytes: totalmem() };
}

/** Bytes received and sent over all interfaces since boot (Linux /proc/net/dev; absent elsewhere). */
export function readNetworkBytes(): { receivedBytes: number; sentBytes: number } {
  const rows = readProc('/proc/net/dev').slice(2);
  const counters = rows.map((row) => row.split(':')[1]?.trim().split(/\s+/).map(Number) ?? []);
  return { receivedBytes: sum(counters, 0), sentBytes: sum(counters, 8) };
}

/** Bytes read and written by all whole disks since boot (Linux /proc/diskstats, sectors of 512 bytes; absent elsewhere). */
export function readDiskBytes(): { readBytes: number; writtenBytes: number } {
  const disks = readProc('/proc/diskstats')
    .map((row) => row.trim().split(/\s+/))
    .filter((fields) => /^(?:sd[a-z]+|vd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/.test(fields[2] ?? ''))
    .map((fields) => fields.map(Number));
  return { readBytes: sum(disks, 5) * 512, writtenBytes: sum(disks, 9) * 512 };
}

function readProc(file: string): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

function sum(rows: readonly (readonly number[])[], column: number): number {
  return rows.reduce((total, row) => total + (row[column] ?? 0), 0);
}
