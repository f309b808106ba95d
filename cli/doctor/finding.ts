import { codedError } from '../output/report-error.ts';

/** What one check found, and what to do about it. */
export interface Finding {
  readonly check: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  readonly remedy: string | undefined;
}

/** All is well. */
export function ok(check: string, detail: string): Finding {
  return { check, verdict: 'ok', detail, remedy: undefined };
}

/** It works, but somebody should look. */
export function warning(check: string, { detail, remedy }: { detail: string; remedy: string }): Finding {
  return { check, verdict: 'warn', detail, remedy };
}

/** It does not work. */
export function failure(check: string, { detail, remedy }: { detail: string; remedy: string }): Finding {
  return { check, verdict: 'fail', detail, remedy };
}

/** What a check found, and what later checks need of it. */
export interface Obtained<Value> {
  readonly finding: Finding;
  readonly value: Value | undefined;
}

/** Runs a check; an error is its finding, whose message says what to do in its last part. */
export async function examine(check: string, run: () => Promise<Finding>): Promise<Finding> {
  return (await obtain(check, async () => ({ finding: await run(), value: undefined }))).finding;
}

/** As `examine`, for a check that opens what others look into; `value` is undefined where it could not. */
export async function obtain<Value>(check: string, run: () => Promise<Obtained<Value>>): Promise<Obtained<Value>> {
  try {
    return await run();
  } catch (error) {
    const { code, message } = codedError(error);
    const [detail = message, ...rest] = message.split(/[;:] (?!.*[;:] )/s);
    return { finding: failure(check, { detail: `${code}: ${detail}`, remedy: rest.join('; ') }), value: undefined };
  }
}
