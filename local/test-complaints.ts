/** Vitest's set-up file: whatever the local GitHub complains of fails the test that caused it. */
import { afterAll, afterEach } from 'vitest';
import { assertNoComplaints } from './github/description/complaints';

afterEach(assertNoComplaints);
afterAll(assertNoComplaints);
