import type { Request, Response } from 'express';
import { DewproofError } from '../../core/errors.ts';

/**
 * The type out of `offered` that the caller likes best (RFC 9110, section 12.5.1), the first where it likes several
 * the same; caches are told that it depends on that. @throws NOT_ACCEPTABLE
 */
export function negotiate<const Type extends string>(
  { request, response }: { readonly request: Request; readonly response: Response },
  offered: readonly Type[],
): Type {
  response.vary('Accept');
  const liked = request.accepts([...offered]);
  const type = offered.find((one) => one === liked);
  if (type !== undefined) return type;
  throw new DewproofError('NOT_ACCEPTABLE', `This comes as ${offered.join(' or ')}: accept one of them.`);
}
