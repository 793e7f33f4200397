"""python3-libvirt's side of the comparison: peer.py URI CASE COUNT prints one JSON object."""
import json
import resource
import sys
import threading
import time

import libvirt


def sequential(domain, count):
    for _ in range(count):
        domain.info()


def threads(domain, count):
    each = count // 64
    workers = [threading.Thread(target=sequential, args=(domain, each)) for _ in range(64)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def inventory(connection):
    for domain in connection.listAllDomains():
        domain.XMLDesc()
        domain.info()


def main(uri, case, count):
    connection = libvirt.open(uri)
    domain = connection.listAllDomains()[0]
    run = {'sequential': lambda: sequential(domain, count), 'parallel': lambda: threads(domain, count),
           'inventory': lambda: inventory(connection)}[case]
    # A program that manages hosts does this again and again: what is measured is not its first time.
    if case == 'inventory':
        for _ in range(4):
            run()
    else:
        sequential(domain, 4000)
    runs = 4 if case == 'inventory' else 1
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    for _ in range(runs):
        run()
    seconds = (time.perf_counter() - start) / runs
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({'seconds': seconds, 'cpu': cpu / runs, 'rss': after.ru_maxrss * 1024}))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
