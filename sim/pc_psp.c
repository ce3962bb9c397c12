// SPDX-License-Identifier: GPL-2.0
/*
 * The secure processor as a device on no bus: its registers are plain memory
 * behind which there is nobody.  Commands come through psp_ops.
 */
#include <linux/err.h>
#include <linux/init.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/psp.h>
#include "../../../../drivers/crypto/ccp/psp-dev.h"
#include "../../../../drivers/crypto/ccp/sev-dev.h"
#include "pc.h"

#define PSP_SIZE	0x20000

/* Offsets of the PSP of recent server parts */
#define REG_INTEN	0x10690
#define REG_INTSTS	0x10694
#define REG_CMDRESP	0x10980
#define REG_BUF_LO	0x109e0
#define REG_BUF_HI	0x109e4
#define REG_FEATURE	0x109fc

#define FEATURE_SEV	BIT(0)

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
	void *regs;

	sp = sp_alloc_struct(dev);
	regs = devm_kzalloc(dev, PSP_SIZE, GFP_KERNEL);
	if (!sp || !regs)
		return -ENOMEM;
	*(u32 *)(regs + REG_FEATURE) = FEATURE_SEV;

	sp->dev_vdata = &sim_vdata;
	sp->io_map = (void __iomem *)regs;
	sp->psp_irq = platform_get_irq(pdev, 0);
	sp->get_psp_master_device = get_master;
	sp->set_psp_master_device = set_master;
	sp->clear_psp_master_device = clear_master;
	dev_set_drvdata(dev, sp);
	return sp_init(sp);
}

static struct platform_driver sim_psp_driver = {
	.driver.name = "sim-psp",
	.probe = sim_psp_probe,
};

/* The device, ready before KVM and the driver's own bus look for one. */
static int __init add_psp(void)
{
	struct platform_device *pdev;
	struct resource res;
	int irq;

	irq = irq_alloc_desc(NUMA_NO_NODE);
	if (irq < 0)
		return irq;
	irq_set_chip_and_handler(irq, &dummy_irq_chip, handle_simple_irq);

	res = (struct resource)DEFINE_RES_IRQ(irq);
	pdev = platform_device_register_simple("sim-psp", PLATFORM_DEVID_NONE, &res, 1);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	return platform_driver_register(&sim_psp_driver);
}

static bool wanted;

int __init sim_pc_psp_init(void)
{
	wanted = true;
	return 0;
}

/* Misc devices come at subsys_initcall. */
static int __init psp_power_on(void)
{
	return wanted ? add_psp() : 0;
}
fs_initcall(psp_power_on);
