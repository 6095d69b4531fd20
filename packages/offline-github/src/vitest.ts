/** A setup file for Vitest that makes a complaint fail the test that caused it. */
import { afterAll, afterEach } from 'vitest';
import { assertNoComplaints } from './description/complaints';

afterEach(assertNoComplaints);
afterAll(assertNoComplaints);
