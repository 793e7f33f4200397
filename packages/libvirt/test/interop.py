"""A second client that we did not write: interop.py URI define|list|undefine [NAME]."""
import sys

import libvirt

XML = '<domain type="qemu"><name>%s</name><memory unit="MiB">64</memory><os><type arch="x86_64">hvm</type></os></domain>'
uri, action, *names = sys.argv[1:]
connection = libvirt.open(uri)
if action == 'define':
    connection.defineXML(XML % names[0])
elif action == 'undefine':
    connection.lookupByName(names[0]).undefine()
else:
    print('\n'.join(domain.name() for domain in connection.listAllDomains()))
connection.close()
