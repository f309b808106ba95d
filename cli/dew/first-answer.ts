import { warn } from '../output/messages.ts';
import type { DewClient } from './dew-client.ts';

/**
 * The first answer that one of the dews has; undefined where none has one. Of a dew that fails or lies the user is warned.
 * @throws the last dew's failure, where none could tell whether it has one
 */
export async function firstAnswer<T>(
  dews: readonly DewClient[],
  ask: (dew: DewClient) => Promise<T | undefined>,
): Promise<T | undefined> {
  const failures: unknown[] = [];
  for (const dew of dews) {
    try {
      const answer = await ask(dew);
      if (answer !== undefined) return answer;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0 && failures.length === dews.length) throw failures.at(-1);
  for (const failure of failures) warn(failure instanceof Error ? failure.message : String(failure));
  return undefined;
}
