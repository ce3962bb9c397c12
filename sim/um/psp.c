// SPDX-License-Identifier: GPL-2.0
/*
 * The secure processor as a device: its registers, and in place of sp-pci.c the
 * bus that finds it.
 */
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/logic_iomem.h>
#include <linux/platform_device.h>
#include <linux/psp.h>
#include "../../../drivers/crypto/ccp/psp-dev.h"
#include "../../../drivers/crypto/ccp/sev-dev.h"

/* Below the windows of UML's PCI host bridge, which kunit.py's configuration has */
#define PSP_BASE	0xe0000000
#define PSP_SIZE	0x100000

/* Offsets of the PSP of recent server parts */
#define REG_INTEN	0x10690
#define REG_INTSTS	0x10694
#define REG_CMDRESP	0x10980
#define REG_BUF_LO	0x109e0
#define REG_BUF_HI	0x109e4
#define REG_FEATURE	0x109fc

#define FEATURE_SEV	BIT(0)

static struct {
	u32 inten;
	u32 intsts;
	u32 cmdresp;
	u32 lo;
	u32 hi;
	int irq;
} psp;

static unsigned long psp_read(void *priv, unsigned int off, int size)
{
	switch (off) {
	case REG_FEATURE:
		return FEATURE_SEV;
	case REG_INTEN:
		return psp.inten;
	case REG_INTSTS:
		return psp.intsts;
	case REG_CMDRESP:
		return psp.cmdresp;
	case REG_BUF_LO:
		return psp.lo;
	case REG_BUF_HI:
		return psp.hi;
	}
	/* A register that is not there */
	return 0xffffffff;
}

static void psp_write(void *priv, unsigned int off, int size, unsigned long val)
{
	switch (off) {
	case REG_INTEN:
		psp.inten = val;
		break;
	case REG_INTSTS:
		psp.intsts &= ~val;
		break;
	case REG_BUF_LO:
		psp.lo = val;
		break;
	case REG_BUF_HI:
		psp.hi = val;
		break;
	case REG_CMDRESP:
		/* Commands come through psp_ops; nobody is behind the mailbox */
		psp.cmdresp = val & ~PSP_CMDRESP_RESP;
		break;
	}
}

static const struct logic_iomem_ops psp_reg_ops = {
	.read = psp_read,
	.write = psp_write,
};

static long psp_map(unsigned long off, size_t size, const struct logic_iomem_ops **ops,
		    void **priv)
{
	*ops = &psp_reg_ops;
	return 0;
}

static const struct logic_iomem_region_ops psp_region_ops = {
	.map = psp_map,
};

static struct resource psp_res = {
	.name = "sim-psp",
	.start = PSP_BASE,
	.end = PSP_BASE + PSP_SIZE - 1,
	.flags = IORESOURCE_MEM,
};

static const struct sev_vdata sim_sev_vdata = {
	.cmdresp_reg		= REG_CMDRESP,
	.cmdbuff_addr_lo_reg	= REG_BUF_LO,
	.cmdbuff_addr_hi_reg	= REG_BUF_HI,
};

static const struct psp_vdata sim_psp_vdata = {
	.sev			= &sim_sev_vdata,
	.feature_reg		= REG_FEATURE,
	.inten_reg		= REG_INTEN,
	.intsts_reg		= REG_INTSTS,
};

static const struct sp_dev_vdata sim_vdata = {
	.psp_vdata = &sim_psp_vdata,
};

static struct sp_device *master;

static struct sp_device *get_master(void)
{
	return master;
}

static void set_master(struct sp_device *sp)
{
	master = sp;
}

static void clear_master(struct sp_device *sp)
{
	if (sp == master)
		master = NULL;
}

static int sim_psp_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct sp_device *sp;

	sp = sp_alloc_struct(dev);
	if (!sp)
		return -ENOMEM;

	sp->dev_vdata = &sim_vdata;
	sp->io_map = devm_platform_ioremap_resource(pdev, 0);
	if (IS_ERR(sp->io_map))
		return PTR_ERR(sp->io_map);
	sp->psp_irq = platform_get_irq(pdev, 0);
	sp->get_psp_master_device = get_master;
	sp->set_psp_master_device = set_master;
	sp->clear_psp_master_device = clear_master;
	dev_set_drvdata(dev, sp);
	return sp_init(sp);
}

static void sim_psp_remove(struct platform_device *pdev)
{
	sp_destroy(platform_get_drvdata(pdev));
}

static struct platform_driver sim_psp_driver = {
	.driver.name = "ccp",
	.probe = sim_psp_probe,
	.remove = sim_psp_remove,
};

/* TEE I/O: about PCI devices, of which there are none */
int sev_tio_cmd_buffer_len(int cmd)
{
	return 0;
}

void sev_tsm_init_locked(struct sev_device *sev, void *tio_status_page)
{
}

void sev_tsm_uninit(struct sev_device *sev)
{
}

/* The driver's entry into the bus: on x86 this registers the PCI driver. */
int sp_pci_init(void)
{
	return platform_driver_register(&sim_psp_driver);
}

void sp_pci_exit(void)
{
	platform_driver_unregister(&sim_psp_driver);
}

/* The device has to be there before the driver: KVM loads it early. */
static int __init sim_psp_init(void)
{
	struct resource res[2] = { psp_res };
	struct platform_device *pdev;
	int ret;

	ret = logic_iomem_add_region(&psp_res, &psp_region_ops);
	if (ret)
		return ret;

	psp.irq = irq_alloc_desc(NUMA_NO_NODE);
	if (psp.irq < 0)
		return psp.irq;
	irq_set_chip_and_handler(psp.irq, &dummy_irq_chip, handle_simple_irq);

	res[1] = DEFINE_RES_IRQ(psp.irq);
	pdev = platform_device_register_simple("ccp", PLATFORM_DEVID_NONE, res, 2);
	return PTR_ERR_OR_ZERO(pdev);
}
fs_initcall(sim_psp_init);
