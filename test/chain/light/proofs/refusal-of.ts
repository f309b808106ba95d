import { hasCode } from '../../../../core/errors.ts';

/** The check that refused, or the code where a refusal names no check; undefined where nothing was refused. */
export function refusalOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!hasCode(error)) throw error;
    const { check } = error.details;
    return typeof check === 'string' ? check : error.code;
  }
}
