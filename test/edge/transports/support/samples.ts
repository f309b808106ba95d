import { onTestFinished } from 'vitest';
import type { ActionSpec, Input } from '../../../../core/document/schema.ts';
import type { Subscription } from '../../../../edge/bus/bus.ts';
import { resource } from '../../../core/support/samples.ts';

/** An input as a document's parser makes it. */
export function inputOf(rest: object): Input {
  const [input] = resource({ inputs: [{ id: 'temperature', ...rest }] }).spec.inputs;
  if (input === undefined) throw new Error('no input');
  return input;
}

/** An action as a document's parser makes it. */
export function actionOf(rest: object): ActionSpec {
  const [action] = resource({ actions: [{ id: 'vent', ...rest }] }).spec.actions;
  if (action === undefined) throw new Error('no action');
  return action;
}

/** What was delivered, as text, and the source's own verdict. */
export function listenTo(open: (deliver: (message: Uint8Array) => void) => Subscription) {
  const heard: string[] = [];
  const source = open((message) => heard.push(Buffer.from(message).toString()));
  onTestFinished(() => {
    source.close();
  });
  const verdict = () => {
    try {
      source.verify();
      return 'ok';
    } catch (error) {
      return error instanceof Error ? `${'code' in error ? String(error.code) : ''}: ${error.message}` : String(error);
    }
  };
  return { heard, source, verdict };
}
