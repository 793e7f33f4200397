"""The same with python3-libvirt: inventory.py URI WARM COUNT. Every machine with state, memory, processors, disks, nics."""
import json
import resource
import sys
import time
from xml.etree import ElementTree

import libvirt


def read(domain):
    state, _, _, _, _ = domain.info()
    document = ElementTree.fromstring(domain.XMLDesc())
    return {
        'id': document.findtext('uuid'),
        'name': document.findtext('title') or document.findtext('name'),
        'description': document.findtext('description'),
        'state': state,
        'saved': domain.hasManagedSaveImage(),
        'memory': int(document.findtext('memory')),
        'processors': int(document.findtext('vcpu')),
        'disks': [{'target': disk.find('target').get('dev'), 'bus': disk.find('target').get('bus'),
                   'path': disk.find('source').get('file'), 'device': disk.get('device')}
                  for disk in document.iterfind('devices/disk')],
        'nics': [{'mac': nic.find('mac').get('address'), 'network': nic.find('source').get('network')}
                 for nic in document.iterfind('devices/interface')],
        'notes': [dict(note.attrib) for note in document.iterfind('metadata/*')],
    }


def main(uri, warm, count):
    connection = libvirt.open(uri)
    for _ in range(warm):
        [read(domain) for domain in connection.listAllDomains()]
    seconds = []
    for _ in range(count):
        begin = time.perf_counter()
        machines = [read(domain) for domain in connection.listAllDomains()]
        seconds.append(time.perf_counter() - begin)
    complete = [machine for machine in machines if len(machine['disks']) == 1 and len(machine['nics']) == 1]
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({'seconds': seconds, 'cpu': (usage.ru_utime + usage.ru_stime) / (warm + count),
                      'rss': usage.ru_maxrss * 1024, 'machines': len(complete)}))


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
