const ACK_TIMEOUT_MS = 2000;
const ACK_RANDOM_FACTOR = 1.5;
const MAX_RETRANSMIT = 4;

/**
 * Sends at once, and again after 2 to 3, 6 to 9, 14 to 21 and 30 to 45 seconds (RFC 7252 section 4.2), until the
 * returned function is called; `send` hears how many copies went before. One message id each time, by which the other
 * end knows copies.
 */
export function retransmit(send: (copies: number) => void): () => void {
  let timeoutMs = ACK_TIMEOUT_MS * (1 + Math.random() * (ACK_RANDOM_FACTOR - 1));
  let copies = 0;
  let timer: NodeJS.Timeout | undefined;
  const sendAgain = () => {
    send(copies);
    if (copies === MAX_RETRANSMIT) return;
    copies += 1;
    timer = setTimeout(sendAgain, timeoutMs);
    timeoutMs *= 2;
  };
  sendAgain();
  return () => {
    clearTimeout(timer);
  };
}
