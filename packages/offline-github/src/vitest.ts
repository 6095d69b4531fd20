/** Vitest setup file. A complaint fails the test that caused it. */
import { afterAll, afterEach } from 'vitest';
import { assertNoComplaints } from './description/complaints';

afterEach(assertNoComplaints);
afterAll(assertNoComplaints);
