import { inspect, styleText } from 'node:util';
import { DewproofError } from '../../core/errors.ts';
import { exitCodeOf } from '../../core/exit-codes.ts';
import { UsageError } from '../usage-error.ts';
import { visibleText } from './visible-text.ts';

/** Writes one line on stderr, `dewproof: CODE: what happened; what to do`, and returns the exit code for it. */
export function reportError(error: unknown): number {
  if (error instanceof UsageError && (error.exitCode === 0 || error.isHelp)) return error.exitCode;
  const coded = codedError(error);
  const prefix = styleText(['red', 'bold'], 'dewproof:', { stream: process.stderr });
  process.stderr.write(`${prefix} ${coded.code}: ${oneLine(coded.message)}\n`);
  if (process.env['DEWPROOF_DEBUG'] === '1') process.stderr.write(`${inspect(error)}\n`);
  return exitCodeOf(coded);
}

/** Gives an operating system's or a library's error its stable code; unknown ones are INTERNAL. */
export function codedError(error: unknown): DewproofError {
  if (error instanceof DewproofError) return error;
  if (error instanceof UsageError) return new DewproofError('USAGE', error.message);
  return systemError(error) ?? internalError(error);
}

function systemError(error: unknown): DewproofError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  const where = path ?? 'a file';
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new DewproofError('DISK_FULL', `The disk is full; free some space and run the command again.`);
    case 'EACCES':
    case 'EPERM':
      return new DewproofError('CONFIG', `Permission denied for ${where}; run as its owner or change its mode.`);
    case 'EROFS':
      return new DewproofError('CONFIG', `${where} is on a read-only file system; choose another --home.`);
    case 'ENOENT':
    case 'ENOTDIR':
      return new DewproofError('CONFIG', `${where} does not exist; check the path.`);
    case 'EISDIR':
      return new DewproofError('CONFIG', `${where} is a folder; name a file.`);
    case 'EADDRINUSE':
      return new DewproofError('PORT_IN_USE', 'The port is in use; stop its holder or choose another with --port.');
    default:
      return undefined;
  }
}

function internalError(error: unknown): DewproofError {
  const what = error instanceof Error ? error.message : String(error);
  return new DewproofError(
    'INTERNAL',
    `${what}; this is a defect: run again with DEWPROOF_DEBUG=1 and report what it prints`,
  );
}

function oneLine(text: string): string {
  return visibleText(text.replaceAll(/\s*\r?\n\s*/g, ' '));
}
