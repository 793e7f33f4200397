exports.name = 'virt-drivers';
