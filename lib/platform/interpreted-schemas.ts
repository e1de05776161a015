/**
 * Schemas are interpreted: imported before the first one is made. zod would write a function for each object of a schema
 * and have Node compile it, which takes longer than a short process saves by it (docs/adr/0053). Said where zod looks for
 * it (zod/v4/core/core.js), because to import zod for `z.config` would load it for commands that have no schema.
 */
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
