import { join, resolve } from 'node:path';
import { openRpc } from '../../chain/evm/json-rpc.ts';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { createSigner, type Signer } from '../../chain/witness/create-signer.ts';
import { createEvmWitnessNode } from '../../chain/witness/evm-witness-node.ts';
import { runSigner } from '../../chain/witness/run-signer.ts';
import { durationMs } from '../../core/document/duration.ts';
import { DewproofError } from '../../core/errors.ts';
import { unixSeconds } from '../../platform/clock.ts';
import { openLog } from '../../platform/log.ts';
import { createLogRing } from '../../platform/log-ring.ts';
import { makeDataFolder } from '../../platform/store/make-data-folder.ts';
import { openStore } from '../../platform/store/open-store.ts';
import { startWitness } from '../../witness/start-witness.ts';
import { openWitnessMemory } from '../../witness/witness-memory.ts';
import type { WitnessStartOptions } from '../commands/witness-start.ts';
import { closeInTurn, type CloseLater } from '../daemon/close-in-turn.ts';
import { witnessPort } from '../daemon/daemon-ports.ts';
import { metricsOf } from '../daemon/metrics-options.ts';
import { runDaemon } from '../daemon/run-daemon.ts';
import { openHome, type Home } from '../home/open-home.ts';
import { openHomeWitness } from '../home/open-witness.ts';

/**
 * Runs this host as a witness until told to stop; with its node out of reach it serves what it signed.
 * @throws CONFIG, KEY_MISSING, WRONG_PASSWORD, SCHEMA, STORE_LOCKED, STORE_CORRUPT, DISK_FULL, PORT_IN_USE
 */
export async function startWitnessDaemon(options: WitnessStartOptions): Promise<void> {
  const home = await openHome(options.home);
  const logRing = createLogRing();
  const log = openLog({ name: 'witness', level: options.logLevel, ring: logRing });
  const dataFolder = options.data === undefined ? home.dataFolder : resolve(options.data);
  await closeInTurn(async (closeLater) => {
    const signer = await openSigner({ home, dataFolder, options }, closeLater);
    const { host, port } = home.config.daemon;
    const everyMs = durationMs(options.every ?? home.config.witness.every);
    const daemon = await startWitness({
      config: {
        dataFolder,
        host: options.host ?? host,
        port: options.port ?? port ?? witnessPort,
        metrics: metricsOf(options, home.config.daemon),
      },
      notes: signer,
      run: (deps) => runSigner(signer, { everyMs, ...deps }),
      clock: Date.now,
      log,
      logRing,
    });
    closeLater(() => daemon.close());
    const { name, publicKey } = signer.standing();
    await runDaemon({ ...daemon, witness: { name, publicKey } }, log);
  });
}

async function openSigner(
  {
    home,
    dataFolder,
    options,
  }: { readonly home: Home; readonly dataFolder: string; readonly options: WitnessStartOptions },
  closeLater: CloseLater,
): Promise<Signer> {
  const config = home.config.witness;
  const url = options.node ?? config.node;
  if (url === undefined) {
    throw new DewproofError('CONFIG', "The witness's own node is not known; name it with --node or in config.yaml.");
  }
  const witness = await openHomeWitness(home, options);
  await makeDataFolder(dataFolder);
  const store = await openStore(join(dataFolder, 'store'));
  closeLater(() => store.close());
  return createSigner({
    node: createEvmWitnessNode({
      rpc: openRpc({ url }),
      crypto: await loadProofCrypto(),
      confirmations: options.confirmations ?? config.confirmations,
    }),
    memory: await openWitnessMemory(store, witness),
    witness,
    clock: () => unixSeconds(Date.now),
    // An eighth: seven looks may fail before a device calls the head stale.
    resignAfterSeconds: BigInt(Math.floor(durationMs(options.staleAfter ?? config.staleAfter) / 8_000)),
    expected: {
      ...(config.chain !== undefined && { chain: config.chain }),
      ...(config.genesis !== undefined && { genesis: config.genesis }),
    },
  });
}
