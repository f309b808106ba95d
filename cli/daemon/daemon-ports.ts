/** Ports of an edge where nothing else is said: HTTP, and its broker. */
export const edgePorts = { port: 8480, mqttPort: 1883 } as const;
/** A witness's HTTP port where nothing else is said. */
export const witnessPort = 8460;
/** Ports of a dew where nothing else is said; another broker port, so that both run on one host. */
export const dewPorts = { port: 8470, mqttPort: 1884 } as const;
