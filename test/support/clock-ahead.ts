/** Loaded into a process (`node --import`): its wall clock is ahead by the milliseconds of AHEAD_MS. */
const aheadMs = Number(process.env['AHEAD_MS'] ?? 0);
const now = Date.now;
Date.now = () => now() + aheadMs;
