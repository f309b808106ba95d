/** A message of a sensor. */
export interface BusMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** A subscription that stays until it is closed, also while the broker is away. */
export interface Subscription {
  /**
   * Returns where messages arrive.
   * @throws BROKER_UNAVAILABLE (no connection, or the broker refuses the filter), SENSOR_UNAVAILABLE
   */
  verify(): void;
  /** How often a sensor that is asked gave no value, by code; left out where sensors send by themselves. */
  readonly counts?: () => Readonly<Record<string, number>>;
  /** No message is delivered after this was called. */
  close(): void;
}

/** The way to an actuator. */
export interface Outlet {
  /**
   * Sends once, or throws: nothing is sent again later.
   * @throws BROKER_UNAVAILABLE, ACTUATOR_FAILED, UNSUPPORTED (too long for this transport), TIMEOUT (it may have acted)
   */
  send(payload: Uint8Array): Promise<void>;
  /** What is under way goes on; what waits behind it is not sent. */
  close(): void;
}

/** The edge's own broker, embedded or beside it, as resources see it. */
export interface Bus {
  /** Delivers each message that matches `filter` once; retained ones are old news and left out. */
  subscribe(filter: string, deliver: (message: BusMessage) => void): Subscription;
  /** Opens a topic to actuators: while it is open they may subscribe to it, and to nothing else. */
  openTopic(topic: string): Outlet;
  /** `mqtt://host:port` for sensors. */
  readonly url: string;
  close(): Promise<void>;
}
