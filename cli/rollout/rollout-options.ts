import { Option } from 'commander';
import { MAX_CANARIES, MAX_ERROR_THRESHOLD, type RolloutOrder } from '../../core/rollout/order.ts';
import { argument, parseWholeNumber } from '../options.ts';

/** Which part of the devices tries a new version first. */
export function canaryOption(): Option {
  return new Option('--canary <share>', 'only so many devices try it first: 10% or 3').argParser(argument(parseShare));
}

/** How many failed canaries end a rollout. */
export function errorThresholdOption(): Option {
  return new Option(
    '--error-threshold <n>',
    'so many failed canaries bring all of them back; 1 where left out',
  ).argParser(argument((text) => parseWholeNumber(text, { min: 1, max: MAX_ERROR_THRESHOLD })));
}

/** Parses `10%` or a number of devices. @throws TypeError */
export function parseShare(text: string): RolloutOrder['share'] {
  if (text.endsWith('%')) return { percent: parseWholeNumber(text.slice(0, -1), { min: 1, max: 100 }) };
  return { devices: parseWholeNumber(text, { min: 1, max: MAX_CANARIES }) };
}
