import { actionsOfBits, type Grant } from '../../../core/policy.ts';
import { grantFields } from '../../evm/generated/slots.ts';
import { refuseProof } from '../refuse.ts';

const UINT64_BYTES = 8;

/** A grant out of its packed slot (`grantFields`, from the low end); bits that mean nothing are refused. @throws PROOF_INVALID */
export function unpackGrant(value: Uint8Array): Pick<Grant, 'actions' | 'offline' | 'expiresAt'> {
  const { actions, offline, expiresAt } = grantFields;
  const packed = BigInt(`0x${Buffer.from(value).toString('hex')}`);
  const field = ({ offset, bytes }: { offset: number; bytes: number }) =>
    (packed >> BigInt(8 * offset)) & (2n ** BigInt(8 * bytes) - 1n);
  const used = [actions, offline, expiresAt].reduce((sum, { bytes }) => sum + bytes, 0);
  const [actionBits, offlineByte] = [field(actions), field(offline)];
  if (value.length > used || actionBits === 0n || actionBits > 15n || offlineByte > 1n) {
    throw refuseProof('grant-packing', 'a grant is not packed as the registry packs them');
  }
  return { actions: actionsOfBits(Number(actionBits)), offline: offlineByte === 1n, expiresAt: field(expiresAt) };
}

/** Until when (Unix seconds) a membership holds, out of its slot. @throws PROOF_INVALID */
export function unpackMember(value: Uint8Array): bigint {
  if (value.length > UINT64_BYTES) throw refuseProof('member-packing', 'a membership is no time');
  return BigInt(`0x${Buffer.from(value).toString('hex')}`);
}
