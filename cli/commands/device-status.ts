import type { Command } from 'commander';
import { parseAccount, type Account } from '../../core/account.ts';
import type { DeviceStatus } from '../../core/ledger/records.ts';
import { addExamples, type Example } from '../help.ts';
import { argument, optionsOf, type GlobalOptions } from '../options.ts';

/** Options of `dewproof device suspend`, `resume` and `retire`. */
export interface DeviceStatusOptions extends GlobalOptions {
  readonly yes?: boolean;
}

interface StatusVerb {
  readonly verb: string;
  readonly status: DeviceStatus;
  readonly summary: string;
  readonly description: string;
  readonly example: Example;
}

const ACCOUNT = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8';

const verbs: readonly StatusVerb[] = [
  {
    verb: 'suspend',
    status: 'suspended',
    summary: 'stop trusting a device for now',
    description: 'Stop trusting a device for now: it starts nothing and is served nothing until it is resumed.',
    example: ['It was stolen, perhaps', `dewproof device suspend ${ACCOUNT} --yes`],
  },
  {
    verb: 'resume',
    status: 'active',
    summary: 'trust a suspended device again',
    description: 'Trust a suspended device again.',
    example: ['It was found', `dewproof device resume ${ACCOUNT}`],
  },
  {
    verb: 'retire',
    status: 'retired',
    summary: 'stop trusting a device for good',
    description: 'Stop trusting a device for good: its account can never be enrolled again.',
    example: ['It was scrapped', `dewproof device retire ${ACCOUNT} --yes`],
  },
];

/** `dewproof device suspend`, `resume` and `retire`: one change, three words for it. */
export function addDeviceStatus(device: Command): void {
  for (const { verb, status, summary, description, example } of verbs) {
    const command = device
      .command(verb)
      .summary(summary)
      .description(description)
      .argument('<account>', "the device's account", argument(parseAccount))
      .action(async (account: Account, _, self: Command) => {
        const { setStatus } = await import('../actions/device-status.ts');
        await setStatus({ account, status }, optionsOf<DeviceStatusOptions>(self));
      });
    if (status !== 'active') command.option('-y, --yes', 'do not ask');
    addExamples(command, [example]);
  }
}
