// Ends with 0 when the MongoDB that STEPWELL_TEST_MONGODB_URI names has a primary that answers.
import { MongoClient } from 'mongodb';

const client = new MongoClient(process.env.STEPWELL_TEST_MONGODB_URI ?? '', { serverSelectionTimeoutMS: 10_000 });
try {
  await client.db('admin').command({ ping: 1 });
} catch (error) {
  console.error(`MongoDB does not answer: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await client.close();
}
