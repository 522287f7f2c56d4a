// Node's modules of HTTP. Rule: as objects, and not by `import`, which would read each of their exports: one of those loads all
// of undici, and no command uses it. That is a tenth of the processor time of a start.

export const nodeHttp = process.getBuiltinModule("node:http");
export const nodeHttps = process.getBuiltinModule("node:https");
