import type { Input } from '../../../core/document/schema.ts';
import { durationMs } from '../../../core/document/duration.ts';
import { DewproofError } from '../../../core/errors.ts';
import { aborted } from '../../../platform/aborted.ts';
import { createBackoff } from '../../../platform/backoff.ts';
import { sleep } from '../../../platform/sleep.ts';
import { untilAborted } from '../../../core/until-aborted.ts';
import { codedError } from '../../coded-error.ts';
import type { BleLink } from './ble-link.ts';
import type { BlePeripheral } from './ble-peripheral.ts';
import type { BleCharacteristic } from './node-ble.ts';
import type { BleTiming } from './timing.ts';
import { within } from './within.ts';

/** Where a Bluetooth input comes from. */
export type BleSpec = Extract<Input, { readonly ble: object }>['ble'];

/** The values of one characteristic, for all who listen. */
export interface BleFeed {
  readonly listeners: Set<(message: Uint8Array) => void>;
  /** @throws why nothing arrives: LINK_MISSING, SENSOR_UNAVAILABLE, UNSUPPORTED, NOT_FOUND */
  verify(): void;
  close(): Promise<void>;
}

/** What a feed stands on; `before` is the end of one before it. */
export interface BleFeedDeps {
  readonly before: Promise<void>;
  readonly peripheral: BlePeripheral;
  readonly release: () => void;
  readonly random: () => number;
  readonly timing: BleTiming;
}

/** Opens a feed: it connects, listens or reads, and begins anew after every failure, until it is closed. */
export function openBleFeed(spec: BleSpec, deps: BleFeedDeps): BleFeed {
  const { peripheral, timing, random } = deps;
  const life = new AbortController();
  const listeners = new Set<(message: Uint8Array) => void>();
  const backoff = createBackoff({ firstMs: timing.retryFirstMs, mostMs: timing.retryMostMs, random, sleep });
  let trouble: DewproofError | undefined = new DewproofError(
    'SENSOR_UNAVAILABLE',
    `The sensor ${spec.address} is not connected yet.`,
  );

  const deliver = (message: Uint8Array) => {
    for (const listener of listeners) listener(message);
  };
  const flows = () => {
    trouble = undefined;
    backoff.reset();
  };

  async function follow(): Promise<void> {
    await deps.before;
    for (;;) {
      if (life.signal.aborted) return;
      try {
        const link = await untilAborted(peripheral.link(), life.signal);
        await serve(link);
      } catch (error) {
        trouble = codedError(error, { code: 'SENSOR_UNAVAILABLE', what: `The sensor ${spec.address} fails` });
      }
      await backoff.wait(life.signal);
    }
  }

  async function serve(link: BleLink): Promise<void> {
    const characteristic = await link.characteristic(spec);
    const during = { link, signal: AbortSignal.any([life.signal, link.lost]) };
    const flags = await ask(characteristic.getFlags(), during);
    if (spec.every !== undefined) await read(characteristic, { ...during, flags, everyMs: durationMs(spec.every) });
    else await listen(characteristic, { ...during, flags });
  }

  async function read(
    characteristic: BleCharacteristic,
    { flags, everyMs, ...during }: During & { flags: readonly string[]; everyMs: number },
  ): Promise<void> {
    if (!flags.includes('read')) throw unsupported('can not be read; leave out `every` to be notified');
    for (;;) {
      deliver(await ask(characteristic.readValue(), during));
      flows();
      await sleep(everyMs, during.signal);
      during.signal.throwIfAborted();
    }
  }

  async function listen(
    characteristic: BleCharacteristic,
    { flags, ...during }: During & { flags: readonly string[] },
  ): Promise<void> {
    if (!flags.includes('notify') && !flags.includes('indicate')) throw unsupported('does not notify; say `every`');
    characteristic.on('valuechanged', deliver);
    try {
      await ask(characteristic.startNotifications(), during);
      flows();
      await aborted(during.signal);
    } finally {
      characteristic.off('valuechanged', deliver);
      await stopNotifying(characteristic, during.link);
    }
    during.signal.throwIfAborted();
  }

  function ask<Answer>(call: Promise<Answer>, { signal }: During): Promise<Answer> {
    return within(call, {
      timeoutMs: timing.answerMs,
      signal,
      what: `The sensor ${spec.address}`,
      code: 'SENSOR_UNAVAILABLE',
    });
  }

  async function stopNotifying(characteristic: BleCharacteristic, { lost }: BleLink): Promise<void> {
    if (lost.aborted) return;
    const patience = { timeoutMs: timing.closeMs, signal: lost, what: 'The end of notifications' };
    // Notifications that did not start can't be stopped; the end of the connection ends them anyway.
    await within(characteristic.stopNotifications(), patience).catch(() => undefined);
  }

  function unsupported(what: string): DewproofError {
    return new DewproofError('UNSUPPORTED', `${spec.characteristic} of the sensor ${spec.address} ${what}.`);
  }

  const following = follow();
  return {
    listeners,
    verify: () => {
      if (trouble !== undefined) throw trouble;
    },
    close: async () => {
      life.abort();
      await following;
      deps.release();
    },
  };
}

interface During {
  readonly link: BleLink;
  readonly signal: AbortSignal;
}
