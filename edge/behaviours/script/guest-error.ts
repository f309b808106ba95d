import type { QuickJSContext, QuickJSHandle } from 'quickjs-emscripten-core';

/** What a script threw, as bounded text. */
export interface GuestError {
  readonly message: string;
  readonly stack: string;
  readonly code: string | undefined;
}

const MAX_LENGTH = 2_000;

/** Reads an error out of the interpreter and disposes of it; getters that the script put there may run, and throw. */
export function textOfError(context: QuickJSContext, handle: QuickJSHandle): GuestError {
  const field = (name: string) => stringAt(context, { handle, name });
  const type = context.typeof(handle);
  const message = type === 'object' ? `${field('name') ?? 'Error'}: ${field('message') ?? ''}` : `a ${type}`;
  const error = { message: message.slice(0, MAX_LENGTH), stack: field('stack') ?? '', code: field('code') };
  handle.dispose();
  return error;
}

function stringAt(
  context: QuickJSContext,
  { handle, name }: { handle: QuickJSHandle; name: string },
): string | undefined {
  if (context.typeof(handle) !== 'object') return undefined;
  try {
    return context.getProp(handle, name).consume((found) => {
      if (context.typeof(found) !== 'string') return undefined;
      const length = context.getProp(found, 'length').consume((size) => context.getNumber(size));
      return length <= MAX_LENGTH ? context.getString(found) : undefined;
    });
  } catch {
    return undefined;
  }
}

/** Where in a script an error arose: ` at line 3, column 5`; empty where the error does not say. */
export function placeOf({ stack }: GuestError): string {
  const [, line, column] = /script\.js:(\d{1,7}):(\d{1,7})/.exec(stack) ?? [];
  return line === undefined || column === undefined ? '' : ` at line ${line}, column ${column}`;
}

/** One line about what a script threw. */
export function lineOf(error: GuestError): string {
  return `${error.message}${placeOf(error)}`;
}
