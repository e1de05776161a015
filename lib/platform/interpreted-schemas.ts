/**
 * Schemas are interpreted: imported before the first one is made. zod would write a function for each object of a schema
 * and have Node compile it, which takes longer than a short process saves by it (docs/adr/0053).
 */
import * as z from 'zod';

z.config({ jitless: true });
