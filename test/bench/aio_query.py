"""Reads every document of a container into dicts with aio-cosmos; prints how many, and the seconds that it took."""
import asyncio, sys, time

from aio_cosmos.client import get_client

KEY = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="


async def main():
    async with get_client(sys.argv[1].rstrip("/"), KEY, raise_on_failure=True) as client:
        started, n = time.time(), 0
        async for page in client.query_documents("db", "c", "SELECT * FROM c", enable_cross_partition_query=True):
            n += len(page["data"])
        print(n, time.time() - started)


asyncio.run(main())
