import { hasCode } from '../../../core/errors.ts';
import type { Reach } from '../../reach/reach.ts';
import type { GuestAnswer, GuestRefusal } from './protocol.ts';
import { MAX_ANSWER_LENGTH } from './script-limits.ts';
import { parseScriptCall, serveCall } from './serve-call.ts';

/** Does what a script asks for and returns the JSON of a `GuestAnswer`, whatever happens; only JSON goes back. */
export async function answerCall(
  { call, json }: { readonly call: number; readonly json: string },
  deps: { readonly reach: Reach; readonly clock: () => number },
): Promise<string> {
  try {
    const value = await serveCall(parseScriptCall(json), deps);
    const text = toText({ kind: 'answer', call, value });
    if (text.length <= MAX_ANSWER_LENGTH) return text;
    const message = `The answer has more than ${MAX_ANSWER_LENGTH} characters; ask for less.`;
    return refuse(call, { code: 'ENDLESS_DATA', message });
  } catch (error) {
    // What was not foreseen is ours to know: its words could say what no script should read.
    const known = hasCode(error) ? { code: error.code, message: error.message } : undefined;
    return refuse(call, known ?? { code: 'INTERNAL', message: 'The host failed to do this.' });
  }
}

function refuse(call: number, error: GuestRefusal): string {
  return toText({ kind: 'answer', call, error });
}

function toText(answer: GuestAnswer): string {
  return JSON.stringify(answer);
}
