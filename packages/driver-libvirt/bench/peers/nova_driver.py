"""OpenStack Nova's own libvirt driver, without a database and a cloud around it.

nova_driver.py URI IMAGE FOLDER COUNT PARALLEL prints one JSON object: seconds to import and to start, bytes of memory, seconds
of every spawn and destroy one after the other, and seconds of PARALLEL spawns at once. FOLDER is for its files.
"""
import json
import os
import resource
import subprocess
import sys
import time
import uuid

started = time.perf_counter()
import eventlet  # Nova's own way to do several things at once, which must be there before anything else.
eventlet.monkey_patch(os=False)

import nova.conf
import nova.privsep
from nova import config, context, objects
from nova.network import model
from nova.virt import fake
from nova.virt.libvirt import driver as libvirt_driver
from nova.virt.libvirt import utils as libvirt_utils

CONF = nova.conf.CONF
MEMORY_MIB = 128
NO_VOLUMES = {'block_device_mapping': [], 'root_device_name': '/dev/vda', 'ephemerals': [], 'swap': None, 'image': []}
SETTINGS = """[DEFAULT]
state_path={folder}
instances_path={folder}/instances
host=peer
[libvirt]
virt_type=qemu
connection_uri={uri}
images_type=qcow2
cpu_mode=none
[oslo_concurrency]
lock_path={folder}/lock
[spice]
enabled=false
[vnc]
enabled=true
"""


def configure(uri, folder):
    os.makedirs(folder + '/instances')
    path = folder + '/nova.conf'
    with open(path, 'w') as file:
        file.write(SETTINGS.format(folder=folder, uri=uri))
    config.parse_args(['nova', '--config-file', path])
    nova.conf.neutron.register_dynamic_opts(CONF)
    nova.conf.devices.register_dynamic_opts(CONF)
    # What Nova would ask its privileged helper for, this process may do itself.
    nova.privsep.sys_admin_pctxt.set_client_mode(False)


def stay_alone(image):
    """Puts what a cloud would answer in the place of database, image service and scheduler."""
    objects.register_all()

    def unset(instance, field):
        setattr(instance, field, None if objects.Instance.fields[field].nullable else {})

    def fetch(target, **_):
        subprocess.check_call(['qemu-img', 'convert', '-O', 'raw', image, target])

    objects.Instance._load_generic = unset
    objects.Instance.save = lambda *_, **__: None
    objects.InstanceList.get_by_filters = lambda *_, **__: objects.InstanceList(objects=[])
    interfaces = objects.VirtualInterfaceList
    interfaces.get_by_instance_uuid = lambda *_, **__: interfaces(objects=[])
    mappings = objects.BlockDeviceMappingList
    mappings.get_by_instance_uuid = lambda *_, **__: mappings(objects=[])
    mappings.bdms_by_instance_uuid = lambda *_, **__: {}
    libvirt_utils.fetch_image = fetch
    host = libvirt_driver.LibvirtDriver
    host._register_all_undefined_instance_details = lambda *_: None
    host._set_host_enabled = lambda *_, **__: None


def start():
    driver = libvirt_driver.LibvirtDriver(fake.FakeVirtAPI())
    driver.init_host('peer')
    driver.list_instance_uuids()
    return driver


class Cloud:
    """Instances of one flavor and one image."""

    def __init__(self, driver):
        self.driver = driver
        self.context = context.RequestContext('bench', 'bench', is_admin=True)
        self.network = model.NetworkInfo([])
        self.image = objects.ImageMeta.from_dict({
            'id': str(uuid.uuid4()), 'name': 'image', 'status': 'active', 'disk_format': 'raw',
            'container_format': 'bare', 'min_disk': 0, 'min_ram': 0, 'properties': {}})
        self.flavor = objects.Flavor(id=1, name='small', memory_mb=MEMORY_MIB, vcpus=1, root_gb=1, ephemeral_gb=0,
                                     swap=0, flavorid='1', extra_specs={}, rxtx_factor=1, vcpu_weight=0)
        self.made = 0

    def instance(self):
        self.made += 1
        identity = str(uuid.uuid4())
        name = 'instance-%d' % self.made
        given = objects.Instance(
            self.context, uuid=identity, id=self.made, image_ref=self.image.id, user_id='bench', project_id='bench',
            display_name=name, hostname=name, host='peer', node='peer', kernel_id='', ramdisk_id='',
            root_device_name='/dev/vda', flavor=self.flavor, system_metadata={}, metadata={}, memory_mb=MEMORY_MIB,
            vcpus=1, root_gb=1, ephemeral_gb=0, config_drive='', vm_state='building', task_state='spawning', power_state=0,
            pci_devices=objects.PciDeviceList(objects=[]), tags=objects.TagList(objects=[]), cleaned=False, hidden=False,
            pci_requests=objects.InstancePCIRequests(requests=[], instance_uuid=identity), progress=0,
            auto_disk_config=False)
        for absent in ('old_flavor', 'new_flavor', 'numa_topology', 'trusted_certs', 'vcpu_model', 'migration_context',
                       'device_metadata', 'keypairs', 'resources', 'ephemeral_key_uuid', 'os_type', 'architecture',
                       'default_ephemeral_device', 'default_swap_device', 'key_data', 'key_name'):
            if objects.Instance.fields[absent].nullable:
                setattr(given, absent, None)
        given.info_cache = objects.InstanceInfoCache(network_info=self.network, instance_uuid=identity)
        return given

    def spawn(self, instance):
        begin = time.perf_counter()
        self.driver.spawn(self.context, instance, self.image, [], None, {}, network_info=self.network,
                          block_device_info=NO_VOLUMES)
        return time.perf_counter() - begin

    def destroy(self, instance):
        begin = time.perf_counter()
        self.driver.destroy(self.context, instance, self.network, NO_VOLUMES)
        return time.perf_counter() - begin


def main(uri, image, folder, count, parallel):
    configure(uri, folder)
    stay_alone(image)
    imported = time.perf_counter() - started
    cloud = Cloud(start())
    answered = time.perf_counter() - started
    # The first one brings the image into Nova's cache.
    first = cloud.instance()
    cloud.spawn(first)
    cloud.destroy(first)
    one_by_one = [cloud.instance() for _ in range(count)]
    spawns = [cloud.spawn(instance) for instance in one_by_one]
    destroys = [cloud.destroy(instance) for instance in one_by_one]
    at_once = [cloud.instance() for _ in range(parallel)]
    begin = time.perf_counter()
    list(eventlet.GreenPool(parallel).imap(cloud.spawn, at_once))
    seconds = time.perf_counter() - begin
    for instance in at_once:
        cloud.destroy(instance)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({'imported': imported, 'answered': answered, 'rss': memory, 'spawns': spawns, 'destroys': destroys,
                      'atOnce': seconds}))


main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
